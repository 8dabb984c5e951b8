"""One HTTP response and the event stream in it, by the standard library alone."""

import codecs
import re
import socket
import urllib.parse


class Lost(Exception):
    """The connection is gone: the client connects again."""


class Failed(Exception):
    """The server has said no: the client gives up."""


class Decoder:
    """Bytes of one response to events and comments."""

    LINE_END = re.compile("\r\n|\r|\n")

    def __init__(self, last_event_id):
        self.text = codecs.getincrementaldecoder("utf-8")("replace")
        self.at_start = True
        self.skip_lf = False
        self.line = []
        self.data = []
        self.event_type = ""
        self.id_buffer = last_event_id
        self.last_event_id = last_event_id

    def feed(self, data):
        """Gives what the bytes complete: ("event", type, data, id), ("comment", text), ("retry", ms)."""
        text = self.text.decode(data)
        if text and self.at_start:
            self.at_start = False
            text = text.removeprefix("\ufeff")
        if text and self.skip_lf:
            self.skip_lf = False
            text = text.removeprefix("\n")
        start = 0
        for end in self.LINE_END.finditer(text):
            self.line.append(text[start : end.start()])
            line, self.line = "".join(self.line), []
            yield from self.take(line)
            start = end.end()
        if start < len(text):
            self.line.append(text[start:])
        elif text.endswith("\r"):
            self.skip_lf = True

    def take(self, line):
        if not line:
            self.last_event_id = self.id_buffer
            if self.data:
                yield "event", self.event_type or "message", "\n".join(self.data), self.last_event_id
            self.data, self.event_type = [], ""
            return
        name, colon, value = line.partition(":")
        if colon and not name:
            yield "comment", value
            return
        value = value.removeprefix(" ")
        if name == "data":
            self.data.append(value)
        elif name == "event":
            self.event_type = value
        elif name == "id" and "\0" not in value:
            self.id_buffer = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            # A number beyond this is as good as never; Python refuses to read very long ones.
            yield "retry", int(value) if len(value) < 12 else 10**11


class Response:
    """One HTTP/1.1 exchange on a connection of its own."""

    def __init__(self, url, method, headers, body, timeout, connected):
        self.url = url
        parts = urllib.parse.urlsplit(url)
        target = parts.path or "/"
        if parts.query:
            target += "?" + parts.query
        target = urllib.parse.quote(target, safe="/?#[]@!$&'()*+,;=:%~|^{}\"<>\\`")
        try:
            self.socket = socket.create_connection((parts.hostname, parts.port or 80), 10)
        except OSError as error:
            raise Lost(f"no connection: {error}") from None
        self.buffer = b""
        self.socket.settimeout(timeout)
        connected(self.socket)
        head = [f"{method} {target} HTTP/1.1".encode(), b"Host: " + parts.netloc.encode()]
        head += [name.encode() + b": " + value for name, value in headers.items()]
        if body is not None or method != "GET":
            head.append(b"Content-Length: %d" % len(body or b""))
        self.write(b"\r\n".join(head) + b"\r\n\r\n" + (body or b""))
        self.read_head()

    def write(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Lost(f"failed to send: {error}") from None

    def receive(self):
        try:
            return self.socket.recv(65536)
        except TimeoutError:
            raise Lost("nothing was read for too long") from None
        except OSError as error:
            raise Lost(f"failed to read: {error}") from None

    def read_line(self):
        while b"\n" not in self.buffer:
            data = self.receive()
            if not data or len(self.buffer) > 1 << 20:
                raise Lost("the response ends, or does not end, inside a line")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def read_head(self):
        self.status = 100
        while self.status // 100 == 1:
            match = re.match(rb"HTTP/1\.[01] ([0-9]{3})(?: |$)", self.read_line())
            if not match:
                raise Lost("this is no HTTP/1 response")
            self.status = int(match[1])
            self.headers = []
            while line := self.read_line():
                if line[:1] in b" \t" and self.headers:
                    name, value = self.headers.pop()
                    self.headers.append((name, value + b" " + line.strip()))
                    continue
                name, colon, value = line.partition(b":")
                if not colon:
                    raise Lost("a header line has no colon")
                self.headers.append((name.strip().lower(), value.strip(b" \t")))

    def header(self, name):
        """All values, joined; None if there is none."""
        values = [value for key, value in self.headers if key == name]
        return b", ".join(values) if values else None

    def body(self):
        """The pieces of the body, as they come."""
        if self.status in (204, 304):
            return
        coding = self.header(b"transfer-encoding")
        if coding is not None and coding.lower().endswith(b"chunked"):
            yield from self.chunks()
            return
        length = self.header(b"content-length")
        left = int(length.split(b",")[0]) if length else None
        while left != 0:
            data = self.buffer or self.receive()
            self.buffer = b""
            if not data:
                if left is None:
                    return
                raise Lost("the body is shorter than it was announced to be")
            if left is not None:
                data = data[:left]
                left -= len(data)
            yield data

    def chunks(self):
        while True:
            size = self.read_line().split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
                raise Lost("the size of a chunk is no number")
            left = int(size, 16)
            if left == 0:
                while self.read_line():
                    pass
                return
            while left:
                data = self.buffer or self.receive()
                if not data:
                    raise Lost("the body ends inside a chunk")
                self.buffer = data[left:]
                data = data[:left]
                left -= len(data)
                yield data
            if self.read_line():
                raise Lost("a chunk is longer than it was announced to be")

    def close(self):
        self.socket.close()


def is_event_stream(value):
    types = [part.split(b";")[0].strip(b" \t\r\n").lower() for part in (value or b"").split(b",")]
    usable = [kind for kind in types if re.fullmatch(rb"[!-.0-~]+/[!-.0-~]+", kind)]
    return bool(usable) and usable[-1] == b"text/event-stream"
