// ssespec adapter for `fastify-sse-v2`.
import fastify from 'fastify'
import { FastifySSEPlugin } from 'fastify-sse-v2'
import { hello, Request } from './protocol.mjs'

const app = fastify({ bodyLimit: 2 ** 30 })
await app.register(FastifySSEPlugin)

app.post('/emit', ({ body, socket }, reply) => {
  const request = new Request()
  socket.once('close', request.left) // where its README tells one to listen
  async function* source() {
    for await (const { event, comment } of request.todo(body.steps)) {
      if (!event) yield { comment }
      else {
        const { type, ...rest } = event
        yield { event: type, ...rest }
      }
    }
  }
  reply.sse(source())
})

await app.listen({ host: '127.0.0.1', port: 0 })
const features = 'event id retry comment data-less disconnect'
hello('fastify-sse-v2', features, app.server.address().port)
