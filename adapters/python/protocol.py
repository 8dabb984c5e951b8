"""The wire of the adapter protocol: one JSON object a line, requests on stdin, reports on stdout."""

import asyncio
import base64
import gc
import json
import os
import platform
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import version

HUGE_MS = 2**53 - 1  # what every JSON reader can hold; Python's integers have no end
WRITING = threading.Lock()


def report(op: str, **fields: object) -> None:
    line = json.dumps({"op": op, **fields})
    with WRITING:  # or the lines of two threads could run into each other
        print(line, flush=True)


def report_event(stream: int, sse) -> None:
    """Reports an event of the shape that httpx-sse has, as have the decoders that descend from it."""
    if sse.retry is not None:
        report("retry", stream=stream, ms=min(sse.retry, HUGE_MS))
    report("event", stream=stream, type=sse.event or "message", data=sse.data, id=sse.id)


def report_failure(stream: int, error: Exception) -> None:
    """Whatever a package raises is the end of its stream, and of no other."""
    report("error", stream=stream, fatal=True, message=f"{type(error).__name__}: {error}")


def hello(package: str, features: str, event_id: str = "sticky") -> None:
    about = {"name": package, "version": version(package), "language": "Python"}
    about["runtime"] = f"{platform.python_implementation()} {platform.python_version()}"
    report("hello", protocol=1, **about, features=features.split(), event_id=event_id)


async def serve_tasks(read: Callable[[dict], Awaitable[None]]) -> None:
    """For async clients: `read` is a task of its own for each stream, and `close` cancels it."""

    async def run(request: dict) -> None:
        try:
            await read(request)
        except Exception as error:
            report_failure(request["stream"], error)

    # Or the garbage collector goes over the streams that are open again and again.
    gc.freeze()
    gc.set_threshold(20_000)
    bodies: dict[int, asyncio.Queue[bytes | None]] = {}
    tasks: dict[int, asyncio.Task[None]] = {}
    # Read by the loop itself: a thread would hand over one line at a time, and on a busy machine
    # each has to wait until both had their turn.
    lines = asyncio.StreamReader(limit=2**30)
    pipe = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: pipe, sys.stdin)
    while (line := await lines.readline()) and (request := json.loads(line))["op"] != "exit":
        op, stream = request["op"], request.get("stream")
        if stream not in tasks and op in ("open", "feed", "end"):
            bodies[stream] = asyncio.Queue()
            request["chunks"] = _until_end(bodies[stream])
            tasks[stream] = asyncio.create_task(run(request))
            # Not in `run`: a task that is cancelled before its first step never runs at all.
            tasks[stream].add_done_callback(lambda _, s=stream: report("closed", stream=s))
        if op == "feed":
            bodies[stream].put_nowait(base64.b64decode(request["bytes"]))
        elif op == "end":
            bodies[stream].put_nowait(None)
        elif op == "close" and stream in tasks:
            tasks[stream].cancel()
    os._exit(0)  # Taking down what a thousand streams left behind takes longer than a case.


async def _until_end(body: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (chunk := await body.get()) is not None:
        yield chunk


def serve_threads(read: Callable[[dict], None], close: Callable[[int], None]) -> None:
    """For blocking clients: `read` has a thread for each stream, and so has `close`, which may wait."""
    live: dict[int, bool] = {}

    def run(step: Callable[..., None], argument: object, stream: int) -> None:
        try:
            step(argument)
        except Exception as error:
            report_failure(stream, error)
        if live.pop(stream, False):  # whichever of the two threads is done first
            report("closed", stream=stream)

    for line in sys.stdin.buffer:
        request = json.loads(line)
        op, stream = request["op"], request.get("stream")
        if op == "exit":
            break
        if op == "open":
            live[stream] = True
            threading.Thread(target=run, args=(read, request, stream), daemon=True).start()
        elif op == "close" and stream in live:
            threading.Thread(target=run, args=(close, stream, stream), daemon=True).start()
    os._exit(0)  # Threads that still wait for bytes would hold a plain exit up.
