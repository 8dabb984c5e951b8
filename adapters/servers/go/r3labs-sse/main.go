// ssespec adapter for the server of `github.com/r3labs/sse/v2`: a stream of its own for each
// request, published to when its client has subscribed.
package main

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/r3labs/sse/v2"

	"ssespec-server-adapters/protocol"
)

func main() {
	server := protocol.New(protocol.Hello{
		Name:     "r3labs/sse",
		Module:   "github.com/r3labs/sse/v2",
		Features: "event id retry retry-text comment http2 disconnect",
	})
	var plays sync.Map
	var library *sse.Server
	library = sse.NewWithCallback(func(id string, _ *sse.Subscriber) {
		play, _ := plays.Load(id)
		play.(*protocol.Play).Run(stream{library, id})
		// The handler returns when it comes to an event without content, which is after all that has
		// been published; RemoveStream drops what is still on its way.
		library.Publish(id, &sse.Event{})
	}, nil)
	library.SplitData = true // for data of several lines
	// On, the package replaces the ids of events by numbers of its own.
	library.AutoReplay = false
	server.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		play, done := server.Play(w, r)
		defer done()
		id := strconv.FormatUint(play.Number, 10)
		plays.Store(id, play)
		defer plays.Delete(id)
		library.CreateStream(id)
		defer library.RemoveStream(id)
		r.URL.RawQuery = "stream=" + id
		library.ServeHTTP(w, r)
	}))
}

type stream struct {
	*sse.Server
	id string
}

func (stream stream) Event(event protocol.Event) error {
	var published sse.Event
	if event.Type != nil {
		published.Event = []byte(*event.Type)
	}
	if event.Data != nil {
		published.Data = []byte(*event.Data)
	}
	if event.ID != nil {
		published.ID = []byte(*event.ID)
	}
	if event.Retry != nil {
		published.Retry = []byte(*event.Retry)
	}
	stream.Publish(stream.id, &published)
	return nil
}

func (stream stream) Comment(text string) error {
	stream.Publish(stream.id, &sse.Event{Comment: []byte(text)})
	return nil
}
