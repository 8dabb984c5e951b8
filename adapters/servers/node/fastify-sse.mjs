// ssespec adapter for `@fastify/sse`.
import sse from '@fastify/sse'
import fastify from 'fastify'
import { hello, Request } from './protocol.mjs'

const app = fastify({ bodyLimit: 2 ** 30 })
await app.register(sse, { serializer: (data) => data }) // JSON by default; here data is text

app.post('/emit', { sse: 'manual' }, async ({ body }, reply) => {
  const request = new Request()
  reply.sse.onClose(request.left)
  await request.play(body.steps, {
    event: ({ type: event, ...rest }) => reply.sse.send({ event, ...rest }),
  })
})

await app.listen({ host: '127.0.0.1', port: 0 })
hello('@fastify/sse', 'event id retry disconnect throw', app.server.address().port)
