// A stream for load runs on net/http: one event a second to everyone.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

const kept = 100

type event struct {
	seq  int
	text string
}

// A hub has a channel for each client, and the latest events for those who come back.
type hub struct {
	mutex   sync.Mutex
	clients map[chan event]struct{}
	replay  []event
}

func (hub *hub) publish(seq int) {
	at := float64(time.Now().UnixMicro()) / 1000
	event := event{seq, fmt.Sprintf("id: %d\ndata: {\"seq\":%d,\"at\":%.3f}\n\n", seq, seq, at)}
	hub.mutex.Lock()
	defer hub.mutex.Unlock()
	hub.replay = append(hub.replay, event)
	if len(hub.replay) > kept {
		hub.replay = hub.replay[1:]
	}
	for client := range hub.clients {
		select {
		case client <- event:
		default: // a client that does not read must not hold up the others
		}
	}
}

// join adds a client and returns the events that it has missed.
func (hub *hub) join(client chan event, last string) []event {
	hub.mutex.Lock()
	defer hub.mutex.Unlock()
	hub.clients[client] = struct{}{}
	seen, err := strconv.Atoi(last)
	if err != nil {
		return nil
	}
	var missed []event
	for _, event := range hub.replay {
		if event.seq > seen {
			missed = append(missed, event)
		}
	}
	return missed
}

func (hub *hub) leave(client chan event) {
	hub.mutex.Lock()
	defer hub.mutex.Unlock()
	delete(hub.clients, client)
}

func (hub *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	control := http.NewResponseController(w)
	client := make(chan event, 16)
	missed := hub.join(client, r.Header.Get("Last-Event-ID"))
	defer hub.leave(client)
	for _, event := range missed {
		fmt.Fprint(w, event.text)
	}
	control.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case event := <-client:
			if _, err := fmt.Fprint(w, event.text); err != nil {
				return
			}
			if err := control.Flush(); err != nil {
				return
			}
		}
	}
}

func main() {
	hub := &hub{clients: map[chan event]struct{}{}}
	go func() {
		seq := 0
		for range time.Tick(time.Second) {
			seq++
			hub.publish(seq)
		}
	}()
	http.Handle("GET /events", hub)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
