"""ssespec adapter for `sse-starlette`, on Starlette and uvicorn."""

from protocol import Steps, serve_asgi
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route


def event(data=None, type=None, id=None, retry=None):
    return ServerSentEvent(data, event=type, id=id, retry=retry)


def comment(text):
    return ServerSentEvent(comment=text)


async def emit(request: Request) -> EventSourceResponse:
    steps = Steps(await request.json())

    async def left(_message) -> None:
        steps.left()

    return EventSourceResponse(
        steps.items(event, comment), ping=steps.heartbeat, client_close_handler_callable=left
    )


app = Starlette(routes=[Route("/emit", emit, methods=["POST"])])
FEATURES = "event id retry comment data-less heartbeat disconnect throw"
serve_asgi(app, "sse-starlette", FEATURES)
