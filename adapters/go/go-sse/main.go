// ssespec adapter for `github.com/tmaxmax/go-sse`.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/tmaxmax/go-sse"

	"ssespec-adapters/protocol"
)

func main() {
	protocol.Serve(protocol.Hello{
		Name:     "go-sse",
		Module:   "github.com/tmaxmax/go-sse",
		EventID:  "sticky",
		Features: "open reconnect reconnect-delay headers post redirect event-types tls http2",
	}, read)
}

func read(ctx context.Context, open protocol.Open, stream protocol.Stream) error {
	request, err := open.Request(ctx)
	if err != nil {
		return err
	}
	client := sse.Client{
		OnRetry: func(err error, _ time.Duration) { stream.Lost(err) },
		// The package has no callback for the opening. This one is called between the head of a
		// response and its first event, so what the default validator accepts is open.
		ResponseValidator: func(response *http.Response) error {
			err := sse.DefaultValidator(response)
			if err == nil {
				stream.Opened()
			}
			return err
		},
		Backoff: sse.Backoff{
			InitialInterval: open.ReconnectDelay(),
			Multiplier:      1,
			// No jitter would be -1, says the package, but what is not above 0 becomes its default
			// of 0.5, and the wait a matter of chance.
			Jitter: 1e-9,
		},
	}
	connection := client.NewConnection(request)
	connection.SubscribeToAll(func(event sse.Event) {
		stream.Event(event.Type, event.Data, event.LastEventID)
	})
	return connection.Connect()
}
