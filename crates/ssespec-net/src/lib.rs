//! Sockets and wire forms for ssespec: raw HTTP/1, proven cuts, TLS made per run
