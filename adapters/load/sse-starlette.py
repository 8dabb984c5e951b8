"""A stream for load runs on Starlette with sse-starlette and uvicorn: one event a second to all."""

import asyncio
import contextlib
import json
import os
import time
from collections import deque

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

replay: deque[tuple[int, str]] = deque(maxlen=100)
clients: set[asyncio.Queue[tuple[int, str]]] = set()


async def publish() -> None:
    seq = 0
    due = time.monotonic()
    while True:
        due += 1
        await asyncio.sleep(due - time.monotonic())
        seq += 1
        event = (seq, json.dumps({"seq": seq, "at": time.time() * 1000}))
        replay.append(event)
        for queue in clients:
            queue.put_nowait(event)


async def stream(last: str | None):
    queue: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
    missed = [event for event in replay if last and event[0] > int(last)]
    clients.add(queue)
    try:
        for seq, data in missed:
            yield ServerSentEvent(data, id=str(seq))
        while True:
            seq, data = await queue.get()
            yield ServerSentEvent(data, id=str(seq))
    finally:
        clients.discard(queue)


async def events(request: Request) -> EventSourceResponse:
    return EventSourceResponse(stream(request.headers.get("Last-Event-ID")))


@contextlib.asynccontextmanager
async def lifespan(_app: Starlette):
    task = asyncio.create_task(publish())
    yield
    task.cancel()


app = Starlette(routes=[Route("/events", events)], lifespan=lifespan)
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
