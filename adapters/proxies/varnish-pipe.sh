#!/bin/sh
# Varnish that stands aside: each request gets a pipe to the origin.
SSESPEC_VARNISH_NAME=' with pipe'
SSESPEC_VARNISH_VCL='sub vcl_recv { return (pipe); }
sub vcl_pipe { set bereq.http.connection = "close"; }'
export SSESPEC_VARNISH_NAME SSESPEC_VARNISH_VCL
exec "$(dirname "$0")/varnish.sh"
