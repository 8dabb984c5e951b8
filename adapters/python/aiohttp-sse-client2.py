"""ssespec adapter for `aiohttp-sse-client2`: an EventSource on aiohttp."""

import asyncio
from datetime import timedelta

from aiohttp import ClientTimeout
from aiohttp_sse_client2.client import READY_STATE_CLOSED, EventSource
from protocol import hello, report, serve_tasks

FEATURES = "open reconnect reconnect-delay headers post redirect event-types tls read-timeout"


async def read(request: dict) -> None:
    stream, options = request["stream"], {}
    if delay_ms := request.get("reconnect_ms"):
        options["reconnection_time"] = timedelta(milliseconds=delay_ms)
    if wait_ms := request.get("read_timeout_ms"):
        options["timeout"] = ClientTimeout(total=None, sock_read=wait_ms / 1000)

    def lost() -> None:
        # A failure that is final comes here as well, and is then raised: that is reported.
        if source.ready_state != READY_STATE_CLOSED:
            report("error", stream=stream, fatal=False, message="connection lost")

    source = EventSource(
        request["url"],
        option={"method": request.get("method", "GET")},
        on_open=lambda: report("opened", stream=stream),
        on_error=lost,
        headers=dict(request.get("headers") or {}),
        data=request.get("body"),
        **options,
    )
    async with source:
        async for event in source:
            # The package says `None` where the server has named no type.
            kind, event_id = event.type or "message", event.last_event_id
            report("event", stream=stream, type=kind, data=event.data, id=event_id)


hello("aiohttp-sse-client2", FEATURES)
asyncio.run(serve_tasks(read))
