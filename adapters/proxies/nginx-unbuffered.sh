#!/bin/sh
# nginx with the one line that event streams want.
SSESPEC_NGINX_NAME=' unbuffered'
SSESPEC_NGINX_LOCATION='            proxy_buffering off;'
export SSESPEC_NGINX_NAME SSESPEC_NGINX_LOCATION
exec "$(dirname "$0")/nginx.sh"
