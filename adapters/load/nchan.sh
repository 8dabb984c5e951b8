#!/bin/sh
# Starts nginx with nchan on $PORT, in a directory of its own: nchan.sh DIRECTORY
set -eu
mkdir -p "$1"
sed "s/__PORT__/$PORT/" "$(dirname "$0")/nchan.conf" > "$1/nginx.conf"
exec nginx -e stderr -p "$1" -c nginx.conf
