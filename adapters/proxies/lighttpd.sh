#!/bin/sh
# lighttpd with mod_proxy; it gathers responses unless it is told to stream them.
set -eu
version=$(lighttpd -v | sed -n '1s|^lighttpd/\([^ ]*\).*|\1|p')
echo "{\"op\":\"hello\",\"name\":\"lighttpd\",\"version\":\"$version\"}"
cat > "$SSESPEC_DIR/lighttpd.conf" <<CONF
server.modules = ("mod_proxy")
server.document-root = "$SSESPEC_DIR"
server.bind = "${SSESPEC_VIA%:*}"
server.port = ${SSESPEC_VIA##*:}
server.upload-dirs = ("$SSESPEC_DIR")
server.stream-response-body = 2
proxy.server = ("" => (("host" => "${SSESPEC_ORIGIN%:*}", "port" => ${SSESPEC_ORIGIN##*:})))
CONF
exec lighttpd -D -f "$SSESPEC_DIR/lighttpd.conf"
