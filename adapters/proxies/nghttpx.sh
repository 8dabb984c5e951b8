#!/bin/sh
# nghttpx, which takes HTTP/2 in cleartext as well.
set -eu
version=$(nghttpx --version | sed 's|.*/||')
echo "{\"op\":\"hello\",\"name\":\"nghttpx\",\"version\":\"$version\"}"
exec nghttpx --conf=/dev/null --workers=1 --errorlog-file=/dev/stderr --log-level=ERROR \
    "--frontend=${SSESPEC_VIA%:*},${SSESPEC_VIA##*:};no-tls" \
    "--backend=${SSESPEC_ORIGIN%:*},${SSESPEC_ORIGIN##*:}"
