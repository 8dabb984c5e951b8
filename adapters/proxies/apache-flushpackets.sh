#!/bin/sh
# Apache httpd that writes out what has come after each read.
SSESPEC_APACHE_NAME=' with flushpackets'
SSESPEC_APACHE_PROXY=' flushpackets=on'
export SSESPEC_APACHE_NAME SSESPEC_APACHE_PROXY
exec "$(dirname "$0")/apache.sh"
