"""The adapter of client.py: commands on stdin, reports on stdout, one JSON object a line."""
import json, sys, threading
from client import events

live, lock = set(), threading.Lock()

def report(op, stream, **more):
    with lock:
        if stream in live:
            print(json.dumps({"op": op, "stream": stream, **more}), flush=True)
        if op == "closed":
            live.discard(stream)

def run(stream, url):
    try:
        for event in events(url):
            report("event", stream, **event)
    except Exception as error:
        report("error", stream, fatal=True, message=repr(error))
    report("closed", stream)

print(json.dumps({"op": "hello", "protocol": 1, "name": "client.py", "version": "1.0.0",
                  "features": ["open", "event-types"]}), flush=True)
for command in map(json.loads, sys.stdin):
    if command["op"] == "open":
        live.add(command["stream"])
        threading.Thread(target=run, args=(command["stream"], command["url"]), daemon=True).start()
    elif command["op"] == "close":
        report("closed", command["stream"])
    elif command["op"] == "exit":
        break
