#!/bin/sh
# nginx as it comes: `proxy_pass`, and HTTP/1.1 towards the origin.
set -eu
version=$(nginx -v 2>&1 | sed 's|.*/||')
echo "{\"op\":\"hello\",\"name\":\"nginx${SSESPEC_NGINX_NAME:-}\",\"version\":\"$version\"}"
cat > "$SSESPEC_DIR/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $SSESPEC_DIR/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path $SSESPEC_DIR/body;
    proxy_temp_path $SSESPEC_DIR/proxy;
    fastcgi_temp_path $SSESPEC_DIR/fastcgi;
    uwsgi_temp_path $SSESPEC_DIR/uwsgi;
    scgi_temp_path $SSESPEC_DIR/scgi;
    server {
        listen $SSESPEC_VIA;
        location / {
            proxy_pass http://$SSESPEC_ORIGIN;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
${SSESPEC_NGINX_LOCATION:-}
        }
    }
}
CONF
exec nginx -e stderr -c "$SSESPEC_DIR/nginx.conf"
