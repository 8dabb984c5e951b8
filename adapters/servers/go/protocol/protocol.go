// Package protocol is the adapter protocol for server libraries: one JSON object a line on stdout,
// and streams that are asked for by POST.
package protocol

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Hello is what an adapter says of its library.
type Hello struct {
	Name     string
	Module   string // the path in go.mod, under which the version of the build is found; "" for Go itself
	Features string // separated by spaces
}

// Event is what the application gives to the library. A field that is nil is not given.
type Event struct {
	Type  *string `json:"type"`
	Data  *string `json:"data"`
	ID    *string `json:"id"`
	Retry *Retry  `json:"retry"`
}

// Retry is a reconnection time in milliseconds, as its text.
type Retry string

// UnmarshalJSON takes a number, or a string of anything.
func (retry *Retry) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		return json.Unmarshal(value, (*string)(retry))
	}
	*retry = Retry(value)
	return nil
}

// Duration is for a library that takes the time as one.
func (retry Retry) Duration() (time.Duration, error) {
	ms, err := json.Number(retry).Float64()
	if duration := ms * float64(time.Millisecond); err == nil && math.Abs(duration) < math.MaxInt64 {
		return time.Duration(duration), nil
	}
	return 0, Refuse(fmt.Errorf("%s ms are no time.Duration", string(retry)))
}

type step struct {
	Event   *Event  `json:"event"`
	Comment *string `json:"comment"`
	SleepMS int64   `json:"sleep_ms"`
	Flush   bool    `json:"flush"`
	Repeat  *struct {
		Count int   `json:"count"`
		Event Event `json:"event"`
	} `json:"repeat"`
	Hold  bool `json:"hold"`
	Throw bool `json:"throw"`
	End   bool `json:"end"`
}

// Library is what a handler does with the steps.
type Library interface {
	// Event and Comment return a Refusal for what the library does not take; after any other error
	// the stream is given up.
	Event(Event) error
	Comment(string) error
}

// Flusher is a Library whose user has to flush.
type Flusher interface {
	Library
	Flush() error
}

// Refusal is the library's error about a value that it has been given, or the language's where its
// type has no such value.
type Refusal struct{ err error }

func (refusal Refusal) Error() string { return refusal.err.Error() }

// Refuse makes a Refusal of an error.
func Refuse(err error) error { return Refusal{err} }

// Play is one request, and how far it is in its steps.
type Play struct {
	Number   uint64
	Request  *http.Request
	response http.ResponseWriter
	steps    []step
	at       int // the step that is next
	repeated int // how often it has been done already
	sent     bool
}

// Run plays all steps.
func (play *Play) Run(library Library) {
	for play.Next(library) {
	}
}

// Next plays one step, one event of a `repeat` at a time, and says whether there is more to come.
func (play *Play) Next(library Library) bool {
	ctx := play.Request.Context()
	if play.at >= len(play.steps) || ctx.Err() != nil {
		return false
	}
	step := play.steps[play.at]
	var err error
	switch {
	case step.Event != nil:
		err = library.Event(*step.Event)
	case step.Comment != nil:
		err = library.Comment(*step.Comment)
	case step.Repeat != nil:
		if play.repeated >= step.Repeat.Count {
			break
		}
		if err = library.Event(step.Repeat.Event); err == nil {
			play.repeated++
			play.sent = true
			return true
		}
	case step.SleepMS > 0:
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(step.SleepMS) * time.Millisecond):
		}
	case step.Flush:
		if flusher, ok := library.(Flusher); ok {
			err = flusher.Flush()
			play.sent = true
		}
	case step.Hold:
		<-ctx.Done()
	case step.Throw:
		panic("the application's handler fails here")
	case step.End:
		return false
	}
	var refusal Refusal
	switch {
	case errors.As(err, &refusal):
		write(map[string]any{"op": "refused", "step": play.at, "message": refusal.Error()})
		if !play.sent {
			http.Error(play.response, refusal.Error(), http.StatusBadRequest)
			return false
		}
	case err != nil:
		log.Print(err)
		return false
	}
	play.sent = play.sent || err == nil && (step.Event != nil || step.Comment != nil)
	play.at++
	play.repeated = 0
	return play.at < len(play.steps)
}

// Server answers requests until stdin ends.
type Server struct {
	hello    Hello
	requests atomic.Uint64
}

// New makes a server that has yet to say hello.
func New(hello Hello) *Server { return &Server{hello: hello} }

// Play reads a request. The play is over when `done` has been called; before that a departure of
// the client is reported, as the context of the request tells it.
func (server *Server) Play(w http.ResponseWriter, r *http.Request) (play *Play, done func()) {
	number := server.requests.Add(1)
	// Not a json.Decoder on the body: net/http watches for a departure from the body's end on.
	body, err := io.ReadAll(r.Body)
	var request struct {
		Steps []step `json:"steps"`
	}
	if err == nil {
		err = json.Unmarshal(body, &request)
	}
	if err != nil {
		panic(err)
	}
	stop := context.AfterFunc(r.Context(), func() {
		write(map[string]any{"op": "disconnected", "request": number})
	})
	return &Play{Number: number, Request: r, response: w, steps: request.Steps}, func() { stop() }
}

// Serve says hello, and answers with `handler`, over HTTP/1.1 and HTTP/2 in cleartext.
func (server *Server) Serve(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	http := http.Server{Handler: handler, Protocols: &protocols}
	go func() { panic(http.Serve(listener)) }()
	write(map[string]any{
		"op": "hello", "protocol": 1, "role": "server",
		"name": server.hello.Name, "version": version(server.hello.Module),
		"language": "Go", "runtime": runtime.Version(),
		"url":      fmt.Sprintf("http://%s/emit", listener.Addr()),
		"features": strings.Fields(server.hello.Features),
	})
	for lines := bufio.NewReader(os.Stdin); ; {
		line, err := lines.ReadBytes('\n')
		var command struct {
			Op string `json:"op"`
		}
		if err != nil || json.Unmarshal(line, &command) == nil && command.Op == "exit" {
			return
		}
	}
}

var stdout sync.Mutex

// write sends one line at once: os.Stdout has no buffer.
func write(line map[string]any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	stdout.Lock()
	defer stdout.Unlock()
	os.Stdout.Write(append(text, '\n'))
}

// version is that of the module in this build, or of Go.
func version(module string) string {
	if module == "" {
		return strings.TrimPrefix(runtime.Version(), "go")
	}
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v")
		}
	}
	panic(module + " is not part of this build")
}
