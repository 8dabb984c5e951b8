"""The adapter protocol for server libraries: what all these adapters have in common."""

import asyncio
import json
import os
import platform
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import count
from typing import TypeVar

T = TypeVar("T")
WRITING = threading.Lock()
RECEIVED = count(1)
claimed: set[str] = set()


def report(op: str, **fields: object) -> None:
    line = json.dumps({"op": op, **fields})
    with WRITING:  # or the lines of two threads could run into each other
        print(line, flush=True)


def listen() -> socket.socket:
    """A socket on a free port that takes connections at once, also before anybody accepts them."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.setblocking(False)
    return listener


def hello(name: str, features: str, listener: socket.socket, package: str | None = None) -> None:
    """Says hello; the adapter then lives as long as its stdin."""
    claimed.update(features.split())
    about = {"name": name, "version": version(package or name), "language": "Python"}
    about["runtime"] = f"{platform.python_implementation()} {platform.python_version()}"
    about["url"] = f"http://127.0.0.1:{listener.getsockname()[1]}/emit"
    report("hello", protocol=1, role="server", **about, features=features.split())
    threading.Thread(target=_wait_for_exit, daemon=True).start()


def _wait_for_exit() -> None:
    for line in sys.stdin.buffer:
        if json.loads(line).get("op") == "exit":
            break
    os._exit(0)  # Streams that are held open would hold a plain exit up.


def serve_asgi(app: object, name: str, features: str, package: str | None = None) -> None:
    """Serves an application with uvicorn, for as long as the adapter lives."""
    import uvicorn

    listener = listen()
    hello(name, features, listener, package)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


class Steps:
    """The steps of one request. Create it when the request is there, for it counts them."""

    def __init__(self, body: dict) -> None:
        self.number = next(RECEIVED)
        self.steps: list[dict] = body["steps"]
        self.over = False

    @property
    def heartbeat(self) -> float | None:
        """The interval of the library's own keep-alive in seconds, if the steps begin with one."""
        interval_ms = self.steps[0].get("heartbeat_ms") if self.steps else None
        return interval_ms / 1000 if interval_ms else None

    def left(self) -> None:
        """To be called where the library says that the client has left."""
        if self.over:  # told before, or the response had its end
            return
        self.over = True
        if "disconnect" in claimed:
            report("disconnected", request=self.number)

    @contextmanager
    def cancellable(self) -> Iterator[None]:
        """Around a handler or generator whose framework tells by cancelling or closing it."""
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            self.left()
            raise

    def _plan(self) -> Iterator[tuple[int, str, object]]:
        """What is to be done: `wait` so many seconds (or for good), `event`, `comment`."""
        for index, step in enumerate(self.steps):
            if self.over or step.get("end"):
                break
            if step.get("throw"):
                self.over = True
                raise RuntimeError("the handler fails here")
            if step.get("hold"):
                yield index, "wait", None
            if "sleep_ms" in step:
                yield index, "wait", step["sleep_ms"] / 1000
            if "event" in step:
                yield index, "event", step["event"]
            if "comment" in step:
                yield index, "comment", step["comment"]
            repeat = step.get("repeat", {"count": 0})
            for _ in range(repeat["count"]):
                yield index, "event", repeat["event"]
                yield index, "wait", 0  # a flood must not keep everything else from running
        self.over = True  # what is closed from here on is not the client's doing

    async def play(
        self,
        event: Callable[..., Awaitable[None]],
        comment: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """For libraries that are called for each event: what they raise is a refusal."""
        for index, kind, value in self._plan():
            if kind == "wait":
                await _pause(value)
                continue
            try:
                if kind == "event":
                    await event(**value)
                elif comment:
                    await comment(value)
            except Exception as error:
                report("refused", step=index, message=str(error))

    async def items(
        self, event: Callable[..., T], comment: Callable[[str], T] | None = None
    ) -> AsyncIterator[T]:
        """For libraries that are given a generator: what their own types make of each step."""
        for index, kind, value in self._plan():
            if kind == "wait":
                await _pause(value)
            elif (item := self._make(index, kind, value, event, comment)) is not None:
                yield item

    def blocking_items(
        self,
        gone: Callable[[], bool],
        event: Callable[..., T],
        comment: Callable[[str], T] | None = None,
    ) -> Iterator[T]:
        """The same for a generator with a thread of its own; `gone` asks if the client left."""
        for index, kind, value in self._plan():
            if kind == "wait":
                until = time.monotonic() + value if value is not None else float("inf")
                while not gone() and (remaining := until - time.monotonic()) > 0:
                    time.sleep(min(remaining, 0.02))
            elif (item := self._make(index, kind, value, event, comment)) is not None:
                yield item
            if gone():
                return

    @staticmethod
    def _make(index, kind, value, event, comment):
        try:
            if kind == "event":
                return event(**value)
            return comment(value) if comment else None
        except Exception as error:
            report("refused", step=index, message=str(error))
            return None


async def _pause(seconds: float | None) -> None:
    if seconds is None:
        await asyncio.Event().wait()  # until this is cancelled
    else:
        await asyncio.sleep(seconds)
