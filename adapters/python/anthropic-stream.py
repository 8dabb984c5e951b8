"""ssespec adapter for the decoder of event streams in `anthropic`: `AsyncStream.raw_events`."""

import asyncio

import httpx2
from anthropic import AsyncStream
from protocol import hello, report_event, serve_tasks


async def read(request: dict) -> None:
    # A response without a connection: its body is what is fed, and each chunk is passed on as it is.
    response = httpx2.Response(200, content=request["chunks"])
    async for sse in AsyncStream.raw_events(response):
        report_event(request["stream"], sse)


hello("anthropic", "feed event-types retry")
asyncio.run(serve_tasks(read))
