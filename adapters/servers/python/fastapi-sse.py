"""ssespec adapter for the `EventSourceResponse` of `fastapi`, on uvicorn."""

from collections.abc import AsyncIterable

from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent
from protocol import Steps, serve_asgi

app = FastAPI()


def event(data=None, type=None, id=None, retry=None):
    # `data` would be turned into JSON; `raw_data` is the documented way to send text.
    return ServerSentEvent(raw_data=data, event=type, id=id, retry=retry)


def comment(text):
    return ServerSentEvent(comment=text)


@app.post("/emit", response_class=EventSourceResponse)
async def emit(body: dict) -> AsyncIterable[ServerSentEvent]:
    steps = Steps(body)
    with steps.cancellable():
        async for item in steps.items(event, comment):
            yield item


serve_asgi(app, "fastapi", "event id retry comment data-less disconnect throw")
