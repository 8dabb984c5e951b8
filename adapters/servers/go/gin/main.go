// ssespec adapter for `github.com/gin-contrib/sse` as gin has it: SSEEvent and Stream, behind the
// middleware of `github.com/gin-contrib/gzip`.
package main

import (
	"io"
	"strconv"

	"github.com/gin-contrib/gzip"
	"github.com/gin-contrib/sse"
	"github.com/gin-gonic/gin"

	"ssespec-server-adapters/protocol"
)

func main() {
	server := protocol.New(protocol.Hello{
		Name:     "gin-contrib/sse",
		Module:   "github.com/gin-contrib/sse",
		Features: "event id retry http2 compress disconnect throw",
	})
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.Recovery(), gzip.Gzip(gzip.DefaultCompression))
	engine.POST("/emit", func(c *gin.Context) {
		play, done := server.Play(c.Writer, c.Request)
		defer done()
		// Flushes after each step.
		c.Stream(func(io.Writer) bool { return play.Next(stream{c}) })
	})
	server.Serve(engine)
}

type stream struct{ *gin.Context }

func (c stream) Event(event protocol.Event) error {
	var rendered sse.Event
	if event.Type != nil {
		rendered.Event = *event.Type
	}
	if event.ID != nil {
		rendered.Id = *event.ID
	}
	if event.Retry != nil {
		ms, err := strconv.ParseUint(string(*event.Retry), 10, 0)
		if err != nil {
			return protocol.Refuse(err)
		}
		rendered.Retry = uint(ms)
	}
	if event.Data != nil {
		rendered.Data = *event.Data
	}
	// What SSEEvent does with a type and data, which are all that it takes.
	c.Render(-1, rendered)
	if err := c.Errors.Last(); err != nil {
		return err
	}
	return nil
}

// Comment has nothing to call.
func (c stream) Comment(string) error { return nil }
