// ssespec adapter for `github.com/r3labs/sse/v2`.
package main

import (
	"context"
	"time"

	"github.com/r3labs/sse/v2"
	"gopkg.in/cenkalti/backoff.v1"

	"ssespec-adapters/protocol"
)

func main() {
	protocol.Serve(protocol.Hello{
		Name:     "r3labs/sse",
		Module:   "github.com/r3labs/sse/v2",
		EventID:  "sticky",
		Features: "open reconnect reconnect-delay last-event-id headers redirect event-types tls http2",
	}, read)
}

func read(ctx context.Context, open protocol.Open, stream protocol.Stream) error {
	client := sse.NewClient(open.URL)
	for name, value := range open.Headers {
		client.Headers[name] = value
	}
	if open.LastEventID != "" {
		client.LastEventID.Store([]byte(open.LastEventID))
	}
	// The strategy that has no growth and no chance in it.
	client.ReconnectStrategy = backoff.NewConstantBackOff(open.ReconnectDelay())
	client.ReconnectNotify = func(err error, _ time.Duration) { stream.Lost(err) }
	client.OnConnect(func(*sse.Client) { stream.Opened() })
	// Without a callback for the loss of a connection the package never calls OnConnect again. The
	// loss itself is told by ReconnectNotify.
	client.OnDisconnect(func(*sse.Client) {})
	// Returns when the context is done or a response has come to its end, says the package.
	return client.SubscribeRawWithContext(ctx, func(event *sse.Event) {
		stream.Event(string(event.Event), string(event.Data), string(event.ID))
	})
}
