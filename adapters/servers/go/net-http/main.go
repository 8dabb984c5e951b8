// ssespec adapter for `net/http` as handlers that use no library write events: by Fprintf.
package main

import (
	"fmt"
	"net/http"
	"strconv"

	"ssespec-server-adapters/protocol"
)

func main() {
	server := protocol.New(protocol.Hello{
		Name:     "net/http",
		Features: "event id retry comment data-less flush http2 disconnect throw",
	})
	server.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		play, done := server.Play(w, r)
		defer done()
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-cache")
		play.Run(byHand{w})
	}))
}

type byHand struct{ http.ResponseWriter }

func (w byHand) Event(event protocol.Event) error {
	if event.Retry != nil {
		ms, err := strconv.Atoi(string(*event.Retry))
		if err != nil {
			return protocol.Refuse(err)
		}
		fmt.Fprintf(w, "retry: %d\n", ms)
	}
	if event.ID != nil {
		fmt.Fprintf(w, "id: %s\n", *event.ID)
	}
	if event.Type != nil {
		fmt.Fprintf(w, "event: %s\n", *event.Type)
	}
	if event.Data != nil {
		fmt.Fprintf(w, "data: %s\n", *event.Data)
	}
	_, err := fmt.Fprint(w, "\n")
	return err
}

func (w byHand) Comment(text string) error {
	_, err := fmt.Fprintf(w, ": %s\n\n", text)
	return err
}

func (w byHand) Flush() error {
	return http.NewResponseController(w.ResponseWriter).Flush()
}
