#!/usr/bin/env python3
"""An SSE client behind LaunchDarkly's REST contract for SSE test services.

It is the other end of `ssespec test client --service URL`, and runs under LaunchDarkly's own
harness as well. Only the standard library is used. The client follows the HTML standard; what is
wrong on purpose is switched on by `--fault`.
"""

import argparse
import http.client
import http.server
import itertools
import json
import os
import queue
import re
import socket
import sys
import threading
import urllib.parse

from response import Decoder, Failed, Lost, Response, is_event_stream

CAPABILITIES = [
    "bom",
    "comments",
    "headers",
    "last-event-id",
    "post",
    "read-timeout",
    "report",
    "restart",
    "server-directed-shutdown-request",
]
FAULTS = {
    "status-500": "the status is answered with 500",
    "status-no-json": "the status is answered with text",
    "create-500": "every stream is refused with 500",
    "no-location": "the answer that creates a stream has no `Location`",
    "command-500": "every command is refused with 500",
    "callbacks-swapped": "callbacks 1 and 2 change places on the way; each has its number",
    "callback-missing": "callback 1 is never sent",
    "callback-repeated": "callback 1 is sent twice",
    "callback-no-number": "callbacks go to the bare address",
    "callback-no-json": "callbacks hold text",
    "callback-unknown-kind": "events are called back as `message`",
    "delete-hangs": "a DELETE is never answered",
    "dies": "the process ends when the third stream is created",
    "data-trimmed": "the client strips blanks off the data of events",
}
MAX_REDIRECTS = 20


class Stream:
    """One client, and the callbacks about it."""

    def __init__(self, options, wanted):
        self.options = options
        self.url = wanted["streamUrl"]
        self.method = wanted.get("method") or "GET"
        body = wanted.get("body")
        self.body = body.encode() if body else None
        self.user_headers = {
            name.lower(): value.encode() for name, value in (wanted.get("headers") or {}).items()
        }
        delay, timeout = wanted.get("initialDelayMs"), wanted.get("readTimeoutMs")
        self.delay = (1000 if delay is None else delay) / 1000
        self.timeout = None if timeout is None else timeout / 1000
        self.last_event_id = wanted.get("lastEventId") or ""
        self.types = {"message"}
        self.lock = threading.Lock()
        self.woken = threading.Event()
        self.closed = False
        self.restarting = False
        self.socket = None
        self.callbacks = Callbacks(options, wanted["callbackUrl"])
        threading.Thread(target=self.live, daemon=True).start()

    # What the harness asks for.

    def listen(self, event_type):
        self.types.add(event_type)

    def restart(self):
        with self.lock:
            self.restarting = True
            self.drop()

    def close(self):
        with self.lock:
            self.closed = True
            self.drop()
        self.callbacks.end()

    def drop(self):
        self.woken.set()
        if self.socket:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    # What the client does.

    def live(self):
        while not self.closed:
            try:
                self.connect()
                message = "the response ended"
            except Lost as lost:
                message = str(lost)
            except Failed as failed:
                self.say({"kind": "error", "error": str(failed)})
                return
            with self.lock:
                restarted, self.restarting = self.restarting, False
                self.woken.clear()
                if self.closed:
                    return
            if restarted:
                continue
            self.say({"kind": "error", "error": message})
            if self.woken.wait(self.delay):
                with self.lock:
                    self.restarting = False

    def connect(self):
        response = self.fetch()
        try:
            if response.status != 200:
                raise Failed(f"the status is {response.status}")
            if not is_event_stream(response.header(b"content-type")):
                raise Failed("the content type is not text/event-stream")
            decoder = Decoder(self.last_event_id)
            for piece in response.body():
                for found in decoder.feed(piece):
                    self.report(found)
                self.last_event_id = decoder.last_event_id
        finally:
            with self.lock:
                self.socket = None
            response.close()

    def fetch(self):
        headers = {"accept": b"text/event-stream", "cache-control": b"no-cache"}
        if self.last_event_id and not re.search("[\0-\x08\x0a-\x1f\x7f]", self.last_event_id):
            headers["last-event-id"] = self.last_event_id.encode()
        headers.update(self.user_headers)
        url, method, body = self.url, self.method, self.body
        for _ in range(MAX_REDIRECTS + 1):
            response = Response(url, method, headers, body, self.timeout, self.connected)
            location = response.header(b"location")
            if response.status not in (301, 302, 303, 307, 308) or location is None:
                return response
            response.close()
            if response.status == 303 or response.status in (301, 302) and method == "POST":
                method, body = "GET", None
                headers.pop("content-type", None)
            before = urllib.parse.urlsplit(url)
            url = urllib.parse.urljoin(url, location.decode("utf-8", "replace"))
            after = urllib.parse.urlsplit(url)
            if after.scheme != "http":
                raise Lost(f"cannot follow to {url}")
            if after.netloc != before.netloc:
                headers.pop("authorization", None)
        raise Lost("too many redirects")

    def connected(self, new):
        with self.lock:
            self.socket = new
            if self.closed or self.restarting:
                self.drop()

    def report(self, found):
        kind = found[0]
        if kind == "retry":
            self.delay = found[1] / 1000
        elif kind == "comment":
            self.say({"kind": "comment", "comment": found[1]})
        elif not self.options.listeners or found[1] in self.types:
            data = found[2].strip() if self.options.fault == "data-trimmed" else found[2]
            self.say({"kind": "event", "event": {"type": found[1], "data": data, "id": found[3]}})

    def say(self, message):
        with self.lock:
            if not self.closed:
                self.callbacks.put(message)


class Callbacks:
    """Posts the messages of a stream, one after the other, each with its number."""

    def __init__(self, options, url):
        self.fault = options.fault
        self.parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(self.parts.netloc, timeout=10)
        self.numbers = itertools.count(1)
        self.queue = queue.Queue()
        self.early = None
        threading.Thread(target=self.live, daemon=True).start()

    def put(self, message):
        self.queue.put((next(self.numbers), message))

    def end(self):
        self.queue.put(None)

    def live(self):
        while (item := self.queue.get()) is not None:
            number, message = item
            if self.fault == "callbacks-swapped" and number == 1:
                self.early = item
            elif self.fault == "callback-missing" and number == 1:
                pass
            else:
                self.post(number, message)
            if self.early and number == 2:
                self.post(*self.early)
            if self.fault == "callback-repeated" and number == 1:
                self.post(number, message)
        self.connection.close()

    def post(self, number, message):
        path = f"{self.parts.path}/{number}"
        if self.fault == "callback-no-number":
            path = self.parts.path
        if self.fault == "callback-unknown-kind" and message["kind"] == "event":
            message = {**message, "kind": "message"}
        body = "hello" if self.fault == "callback-no-json" else json.dumps(message)
        for _ in range(2):
            try:
                self.connection.request(
                    "POST", path, body.encode(), {"Content-Type": "application/json"}
                )
                self.connection.getresponse().read()
                return
            except (OSError, http.client.HTTPException):
                # A connection kept for too long; the second attempt has a new one.
                self.connection.close()


class Handler(http.server.BaseHTTPRequestHandler):
    """The REST side."""

    protocol_version = "HTTP/1.1"
    options = None
    streams = {}
    count = itertools.count(1)

    def log_message(self, format, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != "/":
            return self.answer(404)
        if self.options.fault == "status-500":
            return self.answer(500, b"not today")
        if self.options.fault == "status-no-json":
            return self.answer(200, b"ready")
        capabilities = [name for name in CAPABILITIES if name not in self.options.without]
        if self.options.listeners:
            capabilities.append("event-type-listeners")
        status = {"name": "ssespec-python-service", "capabilities": capabilities}
        self.answer(200, json.dumps(status).encode())

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        try:
            wanted = json.loads(self.rfile.read(length))
        except ValueError:
            return self.answer(400, b"this is no JSON")
        if self.path == "/":
            return self.create(wanted)
        stream = self.streams.get(self.path)
        if not stream:
            return self.answer(404)
        if self.options.fault == "command-500":
            return self.answer(500, b"not today")
        command = wanted.get("command")
        if command == "listen":
            stream.listen(wanted["listen"]["type"])
        elif command == "restart":
            stream.restart()
        else:
            return self.answer(400, b"no such command")
        self.answer(202)

    def create(self, wanted):
        number = next(self.count)
        if self.options.fault == "create-500":
            return self.answer(500, b"not today")
        if self.options.fault == "dies" and number > 2:
            os._exit(7)
        if not wanted.get("streamUrl") or not wanted.get("callbackUrl"):
            return self.answer(400, b"streamUrl and callbackUrl are wanted")
        path = f"/streams/{number}"
        self.streams[path] = Stream(self.options, wanted)
        if self.options.fault == "no-location":
            return self.answer(201)
        host, port = self.server.server_address
        location = f"http://{host}:{port}{path}" if self.options.absolute else path
        self.answer(201, Location=location)

    def do_DELETE(self):
        if self.path == "/":
            self.answer(204)
            self.wfile.flush()
            os._exit(0)
        stream = self.streams.pop(self.path, None)
        if not stream:
            return self.answer(404)
        stream.close()
        if self.options.fault == "delete-hangs":
            threading.Event().wait()
        if self.options.log:
            print(f"closed {self.path}", flush=True)
        self.answer(204)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--without", action="append", default=[], choices=CAPABILITIES)
    parser.add_argument("--listeners", action="store_true", help="event types are to be registered")
    parser.add_argument("--absolute", action="store_true", help="answer with absolute locations")
    parser.add_argument("--log", action="store_true", help="print which streams are closed")
    parser.add_argument("--fault", choices=FAULTS, help="; ".join(f"{k}: {v}" for k, v in FAULTS.items()))
    Handler.options = parser.parse_args()
    server = Server(("127.0.0.1", Handler.options.port), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
