"""ssespec adapter for an event stream written by hand with Quart, on Hypercorn."""

import asyncio

from hypercorn.asyncio import serve
from hypercorn.config import Config
from plain import comment, event
from protocol import Steps, hello, listen
from quart import Quart, Response, make_response, request

# As Quart's documents have it, which name all three.
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    "Transfer-Encoding": "chunked",
}

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = None


@app.post("/emit")
async def emit() -> Response:
    steps = Steps(await request.get_json())

    async def stream():
        with steps.cancellable():
            async for item in steps.items(event, comment):
                yield item

    response = await make_response(stream(), HEADERS)
    response.timeout = None  # or the stream would be cut off after a minute
    return response


listener = listen()
config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.loglevel = "WARNING"
FEATURES = "event id retry comment retry-text data-less http2 disconnect throw"
hello("plain-quart", FEATURES, listener, "quart")
asyncio.run(serve(app, config))
