// ssespec adapter for the `streamSSE` of `hono`, on `@hono/node-server`.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { hello, Request } from './protocol.mjs'

const app = new Hono()

app.post('/emit', async (c) => {
  const request = new Request()
  const { steps } = await c.req.json()
  return streamSSE(c, async (stream) => {
    stream.onAbort(request.left)
    await request.play(steps, {
      event: ({ type: event, ...rest }) => stream.writeSSE({ event, ...rest }),
    })
  })
})

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  hello('hono', 'event id retry disconnect throw', port)
})
