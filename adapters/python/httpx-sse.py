"""ssespec adapter for `httpx-sse`. (A script called httpx_sse.py would import itself.)"""

import asyncio

import httpx
from httpx_sse import aconnect_sse
from protocol import hello, report, report_event, serve_tasks

FEATURES = "open last-event-id headers post redirect retry event-types http2 tls read-timeout"
TRUST = httpx.create_ssl_context()  # as HTTPX makes it, with SSL_CERT_FILE, but once for all


async def read(request: dict) -> None:
    stream, wait_ms = request["stream"], request.get("read_timeout_ms")
    timeout = httpx.Timeout(None, read=wait_ms / 1000 if wait_ms else None)
    headers, body = dict(request.get("headers") or {}), request.get("body")
    if request.get("last_event_id"):  # as in the package's README, under "Handling reconnections"
        headers["Last-Event-ID"] = request["last_event_id"]
    # One client a stream: on a shared HTTP/2 connection HTTPX may let one stream wait for another.
    # No proxy that the environment may name stands between it and the harness.
    options = {"http2": True, "follow_redirects": True, "trust_env": False}
    client = httpx.AsyncClient(timeout=timeout, verify=TRUST, **options)
    target = (client, request.get("method", "GET"), request["url"])
    async with client, aconnect_sse(*target, headers=headers, content=body) as source:
        report("opened", stream=stream)
        async for sse in source.aiter_sse():
            report_event(stream, sse)


hello("httpx-sse", FEATURES)
asyncio.run(serve_tasks(read))
