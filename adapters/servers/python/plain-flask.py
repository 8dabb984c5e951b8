"""ssespec adapter for an event stream written by hand with Flask, on waitress."""

import waitress
from flask import Flask, Response, request
from plain import comment, event
from protocol import Steps, hello, listen

app = Flask(__name__)


@app.post("/emit")
def emit() -> Response:
    steps = Steps(request.get_json())
    gone = request.environ["waitress.client_disconnected"]

    def stream():
        try:
            yield from steps.blocking_items(gone, event, comment)
        finally:  # waitress also closes a generator after a failure of its own
            if gone():
                steps.left()

    return Response(stream(), mimetype="text/event-stream", headers={"Cache-Control": "no-cache"})


listener = listen()
FEATURES = "event id retry comment retry-text data-less disconnect throw"
hello("plain-flask", FEATURES, listener, "flask")
# Each open stream has a thread; to be told of disconnects, waitress has to look ahead.
waitress.serve(app, sockets=[listener], threads=200, channel_request_lookahead=1)
