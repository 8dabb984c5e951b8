"""ssespec adapter for `aiohttp-sse`."""

import asyncio

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response
from protocol import Steps, hello, listen


async def emit(request: web.Request) -> web.StreamResponse:
    steps = Steps(await request.json())
    interval = steps.heartbeat or EventSourceResponse.DEFAULT_PING_INTERVAL
    with steps.cancellable():
        async with sse_response(request, allow_all_methods=True, ping_interval=interval) as stream:

            async def event(data=None, type=None, id=None, retry=None):
                await stream.send(data, id=id, event=type, retry=retry)

            await steps.play(event)
    return stream


async def main() -> None:
    app = web.Application(client_max_size=2**30)
    app.router.add_post("/emit", emit)
    # By default aiohttp does not tell a handler that its client has left.
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
    await runner.setup()
    listener = listen()
    await web.SockSite(runner, listener).start()
    hello("aiohttp-sse", "event id retry heartbeat disconnect throw", listener)
    await asyncio.Event().wait()


asyncio.run(main())
