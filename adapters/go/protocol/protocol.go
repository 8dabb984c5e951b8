// Package protocol is the wire of the adapter protocol: one JSON object a line, commands on stdin,
// reports on stdout.
package protocol

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// Hello is what an adapter says of its client.
type Hello struct {
	Name     string
	Module   string // the path in go.mod, under which the version of the build is found
	EventID  string
	Features string // separated by spaces
}

// Open is the command to open a stream.
type Open struct {
	Op            string            `json:"op"`
	Stream        uint64            `json:"stream"`
	URL           string            `json:"url"`
	Method        string            `json:"method"`
	Headers       map[string]string `json:"headers"`
	Body          *string           `json:"body"`
	LastEventID   string            `json:"last_event_id"`
	ReconnectMS   int64             `json:"reconnect_ms"`
	ReadTimeoutMS int64             `json:"read_timeout_ms"`
}

// ReconnectDelay is the first reconnection time that is asked for.
func (open Open) ReconnectDelay() time.Duration {
	return time.Duration(open.ReconnectMS) * time.Millisecond
}

// Request is the HTTP request that is asked for. It is over when ctx is.
func (open Open) Request(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	if open.Body != nil {
		// A type for which net/http also sets GetBody, so that a reconnection can send it again.
		body = strings.NewReader(*open.Body)
	}
	request, err := http.NewRequestWithContext(ctx, open.Method, open.URL, body)
	if err != nil {
		return nil, err
	}
	for name, value := range open.Headers {
		request.Header.Set(name, value)
	}
	return request, nil
}

// Stream reports what the client says of one stream.
type Stream uint64

// Opened reports that the stream is open.
func (stream Stream) Opened() { stream.report("opened", nil) }

// Event reports an event. Bytes that are not UTF-8 are told as encoding/json reads them: one
// U+FFFD for each. An empty kind is the standard's `message`.
func (stream Stream) Event(kind, data, id string) {
	event := map[string]any{"data": data, "id": id}
	if kind != "" {
		event["type"] = kind
	}
	stream.report("event", event)
}

// Lost reports an error after which the client goes on.
func (stream Stream) Lost(err error) { stream.failed(fmt.Sprint(err), false) }

func (stream Stream) failed(message string, fatal bool) {
	stream.report("error", map[string]any{"fatal": fatal, "message": message})
}

func (stream Stream) report(op string, fields map[string]any) {
	line := map[string]any{"op": op, "stream": stream}
	for name, value := range fields {
		line[name] = value
	}
	write(line)
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

// Serve says hello, then calls read for each stream that is to be opened, until stdin ends. The
// context of a stream is cancelled when its user closes it. The stream is closed when read
// returns; an error of read, or a panic, is fatal to its stream alone.
func Serve(hello Hello, read func(context.Context, Open, Stream) error) {
	write(map[string]any{
		"op": "hello", "protocol": 1,
		"name": hello.Name, "version": version(hello.Module),
		"language": "Go", "runtime": runtime.Version(),
		"event_id": hello.EventID, "features": strings.Fields(hello.Features),
	})
	cancels := map[uint64]context.CancelFunc{}
	// Not a bufio.Scanner: it refuses long lines.
	for lines := bufio.NewReader(os.Stdin); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var command Open
		if err := json.Unmarshal(line, &command); err != nil {
			panic(err)
		}
		switch command.Op {
		case "open":
			ctx, cancel := context.WithCancel(context.Background())
			cancels[command.Stream] = cancel
			go run(ctx, command, read)
		case "close":
			if cancel, ok := cancels[command.Stream]; ok {
				cancel()
				delete(cancels, command.Stream)
			}
		case "exit":
			return
		}
	}
}

func run(ctx context.Context, open Open, read func(context.Context, Open, Stream) error) {
	stream := Stream(open.Stream)
	defer stream.report("closed", nil)
	defer func() {
		if cause := recover(); cause != nil {
			stream.failed(fmt.Sprint(cause), true)
		}
	}()
	// The error that a client returns because its user has closed the stream is none of its own.
	if err := read(ctx, open, stream); err != nil && ctx.Err() == nil {
		stream.failed(err.Error(), true)
	}
}

// version is that of the module in this build.
func version(module string) string {
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v")
		}
	}
	panic(module + " is not part of this build")
}
