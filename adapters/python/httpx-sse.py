"""ssespec adapter for `httpx-sse`: server-sent events read from an HTTPX response, once.

The name has a hyphen because a script called httpx_sse.py would import itself.
"""

import asyncio
import json
import platform
import sys
from importlib.metadata import version

import httpx
from httpx_sse import aconnect_sse

FEATURES = "open last-event-id headers post redirect retry event-types http2 tls read-timeout"


def report(op: str, **fields: object) -> None:
    print(json.dumps({"op": op, **fields}), flush=True)


async def read_stream(client: httpx.AsyncClient, stream: int, request: dict) -> None:
    headers = dict(request.get("headers") or {})
    if request.get("last_event_id"):
        headers["Last-Event-ID"] = request["last_event_id"]
    wait_ms = request.get("read_timeout_ms")
    timeout = httpx.Timeout(None, read=wait_ms / 1000 if wait_ms else None)
    method, body = request.get("method", "GET"), request.get("body")
    try:
        async with aconnect_sse(
            client, method, request["url"], headers=headers, content=body, timeout=timeout
        ) as source:
            report("opened", stream=stream)
            async for sse in source.aiter_sse():
                if sse.retry is not None:
                    report("retry", stream=stream, ms=sse.retry)
                report("event", stream=stream, type=sse.event, data=sse.data, id=sse.id)
    except Exception as error:  # whatever the package raises is its verdict on the stream
        report("error", stream=stream, fatal=True, message=f"{type(error).__name__}: {error}")
    finally:
        report("closed", stream=stream)


async def main() -> None:
    requests = asyncio.StreamReader(limit=2**30)
    protocol = asyncio.StreamReaderProtocol(requests)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    about = {"name": "httpx-sse", "version": version("httpx-sse"), "language": "Python"}
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    report("hello", protocol=1, **about, runtime=runtime, features=FEATURES.split())
    readers: dict[int, asyncio.Task[None]] = {}
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(http2=True, follow_redirects=True, limits=limits) as client:
        while (line := await requests.readline()) and (request := json.loads(line))["op"] != "exit":
            if request["op"] == "open":
                stream = request["stream"]
                readers[stream] = asyncio.create_task(read_stream(client, stream, request))
            elif request["op"] == "close" and request["stream"] in readers:
                readers[request["stream"]].cancel()


asyncio.run(main())
