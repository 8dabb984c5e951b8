#!/bin/sh
# Varnish with its built-in VCL, unless another is given.
set -eu
version=$(varnishd -V 2>&1 | sed -n '1s/.*varnish-\([^ ]*\) .*/\1/p')
echo "{\"op\":\"hello\",\"name\":\"Varnish${SSESPEC_VARNISH_NAME:-}\",\"version\":\"$version\"}"
host=${SSESPEC_ORIGIN%:*}
port=${SSESPEC_ORIGIN##*:}
cat > "$SSESPEC_DIR/origin.vcl" <<CONF
vcl 4.1;
backend origin {
    .host = "$host";
    .port = "$port";
}
${SSESPEC_VARNISH_VCL:-}
CONF
exec varnishd -F -n "$SSESPEC_DIR/varnish" -a "$SSESPEC_VIA,HTTP" -f "$SSESPEC_DIR/origin.vcl" \
    -s malloc,64m -p feature=+http2
