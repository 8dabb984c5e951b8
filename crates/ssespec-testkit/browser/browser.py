#!/usr/bin/env python3
"""A browser without a screen, for tests of --browser: loads the control page, does what the page's
script does, and opens the streams itself.

    browser.py [--fault NAME] URL

Faults: `ends-at-once`, `no-script` (the page is loaded and its script never runs), `page-fails` (the
script says that it cannot go on), `ends-later` (after the first command), `stays` (passes over the
request to end).
"""
import argparse
import json
import re
import signal
import sys
import threading
import time
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("--fault", default="")
parser.add_argument("url")
options = parser.parse_args()

if options.fault == "stays":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

lock = threading.Lock()
batches = 0
live = set()


def request(path, body=None):
    """The body of a response; `path` is relative to the page."""
    method = "GET" if body is None else "POST"
    sent = urllib.request.Request(options.url + path, data=body, method=method)
    with urllib.request.urlopen(sent) as response:
        return response.read()


def say(op, **fields):
    global batches
    with lock:
        if op == "closed" and fields["stream"] not in live:
            return
        if op == "closed":
            live.discard(fields["stream"])
        request(f"reports/{batches}", json.dumps({"op": op, **fields}).encode())
        batches += 1


def stream(number, url, headers):
    """Reads a stream of LF lines, and reports its events."""
    kind, data, last_id = "message", [], ""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
            say("opened", stream=number)
            for line in response:
                field, _, value = line.decode().rstrip("\n").partition(":")
                value = value.removeprefix(" ")
                if field == "data":
                    data.append(value)
                elif field == "event":
                    kind = value
                elif field == "id":
                    last_id = value
                elif field == "":
                    if data:
                        say("event", stream=number, type=kind, data="\n".join(data), id=last_id)
                    kind, data = "message", []
    except OSError as error:
        say("error", stream=number, fatal=True, message=str(error))
    say("closed", stream=number)


if options.fault == "ends-at-once":
    print("cannot open display", file=sys.stderr)
    sys.exit(1)

page = request("").decode()
setup = json.loads(re.search(r"^const setup = (.*);$", page, re.MULTILINE)[1])
frame = urllib.request.urlopen(setup["first"] + setup["frame"]).read().decode()
assert "streams.js" in frame, frame

if options.fault == "no-script":
    time.sleep(600)
if options.fault == "page-fails":
    request("failure", b"EventSource is not defined")
    time.sleep(600)

say(
    "hello",
    protocol=1,
    name="fake browser",
    version="1",
    language="Python",
    runtime="",
    page_origin="*",
    features=["open", "event-types", "cors"],
)
taken = 0
while True:
    for command in json.loads(request(f"commands/{taken}")):
        taken += 1
        if options.fault == "ends-later":
            sys.exit(3)
        number = command["stream"]
        if command["op"] == "open":
            live.add(number)
            page_origin = command.get("page_origin")
            headers = {"Origin": page_origin} if page_origin else {}
            arguments = (number, command["url"], headers)
            threading.Thread(target=stream, args=arguments, daemon=True).start()
        elif command["op"] == "close":
            say("closed", stream=number)
