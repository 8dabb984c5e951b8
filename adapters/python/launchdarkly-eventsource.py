"""ssespec adapter for `launchdarkly-eventsource`: its blocking `SSEClient`, on urllib3."""

from ld_eventsource import SSEClient
from ld_eventsource.actions import Comment, Event, Fault, Start
from ld_eventsource.config import ConnectStrategy, ErrorStrategy, RetryDelayStrategy
from ld_eventsource.errors import HTTPContentTypeError, HTTPStatusError
from protocol import hello, report, serve_threads

FEATURES = "open reconnect reconnect-delay last-event-id headers redirect comments event-types tls"
clients: dict[int, SSEClient] = {}

# What the documentation of `SSEClient` calls the default: to reconnect, but not after a response
# that is no event stream. The strategy that is in fact the default never reconnects.
UNLESS_REFUSED = ErrorStrategy.from_lambda(
    lambda error: (
        ErrorStrategy.FAIL
        if isinstance(error, (HTTPStatusError, HTTPContentTypeError))
        else ErrorStrategy.CONTINUE,
        None,
    )
)


def read(request: dict) -> None:
    stream, options = request["stream"], {}
    if delay_ms := request.get("reconnect_ms"):
        options["initial_retry_delay"] = delay_ms / 1000
    wait_ms = request.get("read_timeout_ms")
    connect = ConnectStrategy.http(
        request["url"],
        headers=request.get("headers"),
        urllib3_request_options={"timeout": wait_ms / 1000} if wait_ms else None,
    )
    clients[stream] = client = SSEClient(
        connect,
        error_strategy=UNLESS_REFUSED,
        last_event_id=request.get("last_event_id"),
        # By default the delay doubles from one reconnection to the next.
        retry_delay_strategy=RetryDelayStrategy.default(backoff_multiplier=1),
        **options,
    )
    for action in client.all:
        match action:
            case Start():
                report("opened", stream=stream)
            case Event(event=kind, data=data, last_event_id=event_id):
                report("event", stream=stream, type=kind, data=data, id=event_id)
            case Comment(comment=text):
                report("comment", stream=stream, text=text)
            case Fault(error=error):
                message = f"{type(error).__name__}: {error}" if error else "the stream has ended"
                report("error", stream=stream, fatal=False, message=message)


def close(stream: int) -> None:
    if client := clients.get(stream):
        client.close()


hello("launchdarkly-eventsource", FEATURES + " read-timeout")
serve_threads(read, close)
