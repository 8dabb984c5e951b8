"""ssespec adapter for the `ServerSentEvent` of `litestar`, on uvicorn."""

from litestar import Litestar, Request, post
from litestar.config.compression import CompressionConfig
from litestar.response import ServerSentEvent, ServerSentEventMessage
from protocol import Steps, serve_asgi


def event(data=None, type=None, id=None, retry=None):
    return ServerSentEventMessage(data=data, event=type, id=id, retry=retry)


def comment(text):
    return ServerSentEventMessage(data=None, comment=text)


# A POST is answered with 201 by default, which no event stream may be.
@post("/emit", status_code=200, request_max_body_size=None)
async def emit(request: Request) -> ServerSentEvent:
    steps = Steps(await request.json())

    async def items():
        with steps.cancellable():
            async for item in steps.items(event, comment):
                yield item

    return ServerSentEvent(items())


app = Litestar([emit], compression_config=CompressionConfig(backend="gzip"))
serve_asgi(app, "litestar", "event id retry comment data-less compress disconnect throw")
