// ssespec adapter for the server of `github.com/launchdarkly/eventsource`: a channel of its own for
// each request, published to when its client has subscribed.
package main

import (
	"net/http"
	"strconv"

	"github.com/launchdarkly/eventsource"

	"ssespec-server-adapters/protocol"
)

func main() {
	server := protocol.New(protocol.Hello{
		Name:     "launchdarkly/eventsource",
		Module:   "github.com/launchdarkly/eventsource",
		Features: "event id comment http2 compress disconnect",
	})
	library := eventsource.NewServer()
	library.Gzip = true
	library.ReplayAll = true // so that every subscription asks its repository
	server.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		play, done := server.Play(w, r)
		defer done()
		channel := strconv.FormatUint(play.Number, 10)
		library.Register(channel, subscribed(func() {
			play.Run(stream{library, []string{channel}})
			// Ends the handler after all that has been published.
			library.Unregister(channel, true)
		}))
		library.Handler(channel)(w, r)
	}))
}

// subscribed is a repository that has nothing to replay: it starts what publishes.
type subscribed func()

func (publish subscribed) Replay(string, string) chan eventsource.Event {
	go publish()
	return nil
}

type stream struct {
	*eventsource.Server
	channels []string
}

func (stream stream) Event(event protocol.Event) error {
	stream.Publish(stream.channels, given{event})
	return nil
}

func (stream stream) Comment(text string) error {
	stream.PublishComment(stream.channels, text)
	return nil
}

// given is an event for the package, in which an empty string is a field that is not given.
type given struct{ event protocol.Event }

func (given given) Id() string    { return text(given.event.ID) }
func (given given) Event() string { return text(given.event.Type) }
func (given given) Data() string  { return text(given.event.Data) }

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
