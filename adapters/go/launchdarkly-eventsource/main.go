// ssespec adapter for `github.com/launchdarkly/eventsource`.
package main

import (
	"context"
	"time"

	"github.com/launchdarkly/eventsource"

	"ssespec-adapters/protocol"
)

func main() {
	protocol.Serve(protocol.Hello{
		Name:    "launchdarkly/eventsource",
		Module:  "github.com/launchdarkly/eventsource",
		EventID: "sticky",
		Features: "open reconnect reconnect-delay last-event-id headers post redirect event-types " +
			"tls http2 read-timeout",
	}, read)
}

func read(ctx context.Context, open protocol.Open, stream protocol.Stream) error {
	// A first attempt is called off by the context of its request: there is no Stream to close yet.
	attempt, abandon := context.WithCancel(context.Background())
	defer abandon()
	disarm := context.AfterFunc(ctx, abandon)
	request, err := open.Request(attempt)
	if err != nil {
		return err
	}
	source, err := eventsource.SubscribeWithRequestAndOptions(
		request,
		eventsource.StreamOptionInitialRetry(open.ReconnectDelay()),
		eventsource.StreamOptionLastEventID(open.LastEventID),
		eventsource.StreamOptionReadTimeout(time.Duration(open.ReadTimeoutMS)*time.Millisecond),
	)
	if err != nil {
		return err
	}
	disarm()
	context.AfterFunc(ctx, source.Close)
	// Later openings have no sign that the package shows.
	stream.Opened()
	for {
		select {
		case event, more := <-source.Events:
			if !more {
				return nil
			}
			id := event.(eventsource.EventWithLastID).LastEventID()
			stream.Event(event.Event(), event.Data(), id)
		case err, more := <-source.Errors:
			if !more {
				source.Errors = nil
				continue
			}
			stream.Lost(err)
		}
	}
}
