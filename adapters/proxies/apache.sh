#!/bin/sh
# Apache httpd with mod_proxy_http, and mod_http2 in cleartext.
set -eu
version=$(apache2 -v | sed -n 's|.*Apache/\([^ ]*\).*|\1|p')
echo "{\"op\":\"hello\",\"name\":\"Apache httpd${SSESPEC_APACHE_NAME:-}\",\"version\":\"$version\"}"
modules=/usr/lib/apache2/modules
cat > "$SSESPEC_DIR/httpd.conf" <<CONF
ServerRoot "$SSESPEC_DIR"
ServerName localhost
PidFile "$SSESPEC_DIR/httpd.pid"
DefaultRuntimeDir "$SSESPEC_DIR"
ErrorLog /dev/stderr
LogLevel error
Listen $SSESPEC_VIA
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule proxy_module $modules/mod_proxy.so
LoadModule proxy_http_module $modules/mod_proxy_http.so
LoadModule http2_module $modules/mod_http2.so
User www-data
Group www-data
Protocols h2c http/1.1
ThreadsPerChild 25
ProxyPass "/" "http://$SSESPEC_ORIGIN/"${SSESPEC_APACHE_PROXY:-}
CONF
exec apache2 -X -f "$SSESPEC_DIR/httpd.conf"
