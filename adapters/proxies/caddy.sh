#!/bin/sh
# Caddy with one line, and HTTP/2 in cleartext.
set -eu
caddy=$(command -v caddy || echo "$(go env GOPATH)/bin/caddy")
version=$(go version -m "$caddy" | sed -n 's/^\tmod\t[^\t]*\tv\([^\t]*\).*/\1/p')
echo "{\"op\":\"hello\",\"name\":\"Caddy\",\"version\":\"$version\"}"
cat > "$SSESPEC_DIR/Caddyfile" <<CONF
{
    admin off
    persist_config off
    auto_https off
    servers {
        protocols h1 h2c
    }
}
http://$SSESPEC_VIA {
    reverse_proxy $SSESPEC_ORIGIN
}
CONF
XDG_DATA_HOME=$SSESPEC_DIR XDG_CONFIG_HOME=$SSESPEC_DIR
export XDG_DATA_HOME XDG_CONFIG_HOME
exec "$caddy" run --config "$SSESPEC_DIR/Caddyfile" --adapter caddyfile
