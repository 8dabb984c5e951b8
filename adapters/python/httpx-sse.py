"""ssespec adapter for `httpx-sse`. (A script called httpx_sse.py would import itself.)"""

import asyncio
import json
import platform
import sys
from importlib.metadata import version

import httpx
from httpx_sse import aconnect_sse

FEATURES = "open last-event-id headers post redirect retry event-types http2 tls read-timeout"
HUGE_MS = 2**53 - 1  # what every JSON reader can hold; Python's integers have no end
TRUST = httpx.create_ssl_context()  # as HTTPX makes it, with SSL_CERT_FILE, but once for all


def report(op: str, **fields: object) -> None:
    print(json.dumps({"op": op, **fields}), flush=True)


async def read(request: dict) -> None:
    stream, wait_ms = request["stream"], request.get("read_timeout_ms")
    timeout = httpx.Timeout(None, read=wait_ms / 1000 if wait_ms else None)
    headers, body = dict(request.get("headers") or {}), request.get("body")
    if request.get("last_event_id"):  # as in the package's README, under "Handling reconnections"
        headers["Last-Event-ID"] = request["last_event_id"]
    # One client a stream: on a shared HTTP/2 connection HTTPX may let one stream wait for another.
    client = httpx.AsyncClient(http2=True, follow_redirects=True, timeout=timeout, verify=TRUST)
    target = (client, request.get("method", "GET"), request["url"])
    try:
        async with client, aconnect_sse(*target, headers=headers, content=body) as source:
            report("opened", stream=stream)
            async for sse in source.aiter_sse():
                if sse.retry is not None:
                    report("retry", stream=stream, ms=min(sse.retry, HUGE_MS))
                report("event", stream=stream, type=sse.event, data=sse.data, id=sse.id)
    except Exception as error:  # whatever the package raises is the end of its stream
        report("error", stream=stream, fatal=True, message=f"{type(error).__name__}: {error}")


async def main() -> None:
    lines = asyncio.StreamReader(limit=2**30)
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    about = {"name": "httpx-sse", "version": version("httpx-sse"), "language": "Python"}
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    report("hello", protocol=1, **about, runtime=runtime, features=FEATURES.split())
    readers: dict[int, asyncio.Task[None]] = {}
    while (line := await lines.readline()) and (request := json.loads(line))["op"] != "exit":
        stream = request.get("stream")
        if request["op"] == "open":
            readers[stream] = asyncio.create_task(read(request))
            # Not in `read`: a task that is cancelled before its first step never runs at all.
            readers[stream].add_done_callback(lambda _, s=stream: report("closed", stream=s))
        elif request["op"] == "close" and stream in readers:
            readers[stream].cancel()


asyncio.run(main())
