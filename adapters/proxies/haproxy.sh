#!/bin/sh
# HAProxy with the three time-outs that its documentation asks for.
set -eu
version=$(haproxy -v | sed -n '1s/^HAProxy version \([^ ]*\).*/\1/p')
echo "{\"op\":\"hello\",\"name\":\"HAProxy\",\"version\":\"$version\"}"
cat > "$SSESPEC_DIR/haproxy.cfg" <<CONF
global
    nbthread 1
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend door
    bind $SSESPEC_VIA
    default_backend origin
backend origin
    server origin $SSESPEC_ORIGIN
CONF
exec haproxy -db -f "$SSESPEC_DIR/haproxy.cfg"
