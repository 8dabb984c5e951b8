"""ssespec adapter for `sseclient-py`, on a response of Requests."""

import os
from contextlib import suppress

import requests
from protocol import hello, report, serve_threads
from sseclient import SSEClient

FEATURES = "open headers post redirect event-types tls read-timeout"
opened: dict[int, tuple[requests.Response, SSEClient]] = {}
closed: set[int] = set()


def read(request: dict) -> None:
    stream, wait_ms = request["stream"], request.get("read_timeout_ms")
    response = requests.request(
        request.get("method", "GET"),
        request["url"],
        headers=request.get("headers"),
        data=request.get("body"),
        stream=True,
        timeout=(None, wait_ms / 1000 if wait_ms else None),
        verify=os.environ.get("SSESPEC_CA_FILE", True),
    )
    client = SSEClient(response)
    opened[stream] = response, client
    if stream in closed:  # before there was anything that could be closed
        client.close()
        return
    report("opened", stream=stream)
    try:
        for event in client.events():
            report("event", stream=stream, type=event.event, data=event.data, id=event.id)
    except requests.RequestException:
        if stream not in closed:  # a read that its user has interrupted does not fail
            raise


def close(stream: int) -> None:
    closed.add(stream)
    if stream in opened:
        response, client = opened[stream]
        # The package's `close` waits for a read that waits for bytes. This is how urllib3 has its
        # users end such a read; it refuses where the body is at its end, and nobody waits.
        with suppress(RuntimeError, ValueError):
            response.raw.shutdown()
        client.close()


hello("sseclient-py", FEATURES, event_id="per-event")
serve_threads(read, close)
