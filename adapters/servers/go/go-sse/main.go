// ssespec adapter for the server side of `github.com/tmaxmax/go-sse`: a Session for each request.
package main

import (
	"net/http"

	"github.com/tmaxmax/go-sse"

	"ssespec-server-adapters/protocol"
)

func main() {
	server := protocol.New(protocol.Hello{
		Name:     "go-sse",
		Module:   "github.com/tmaxmax/go-sse",
		Features: "event id retry comment data-less flush http2 disconnect throw",
	})
	server.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		play, done := server.Play(w, r)
		defer done()
		stream, err := sse.Upgrade(w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		play.Run(session{stream})
	}))
}

type session struct{ *sse.Session }

func (session session) Event(event protocol.Event) error {
	var message sse.Message
	var err error
	if event.Type != nil {
		if message.Type, err = sse.NewType(*event.Type); err != nil {
			return protocol.Refuse(err)
		}
	}
	if event.ID != nil {
		if message.ID, err = sse.NewID(*event.ID); err != nil {
			return protocol.Refuse(err)
		}
	}
	if event.Retry != nil {
		if message.Retry, err = event.Retry.Duration(); err != nil {
			return err
		}
	}
	if event.Data != nil {
		message.AppendData(*event.Data)
	}
	return session.Send(&message)
}

func (session session) Comment(text string) error {
	var message sse.Message
	message.AppendComment(text)
	return session.Send(&message)
}
