// ssespec adapter for the `EventStream` of `h3`.
import { EventStream, H3, serve } from 'h3'
import { hello, Request } from './protocol.mjs'

const app = new H3()

app.post('/emit', async (event) => {
  const request = new Request()
  const { steps } = await event.req.json()
  const stream = new EventStream(event)
  stream.onClosed(request.left)
  const library = {
    event: ({ type: event, ...rest }) => stream.push({ event, ...rest }),
    comment: (text) => stream.pushComment(text),
  }
  // Not awaited: nobody reads the stream before it has been returned.
  request.play(steps, library).then(() => stream.close())
  return stream
})

const server = serve(app, { hostname: '127.0.0.1', port: 0, silent: true })
await server.ready()
hello('h3', 'event id retry comment disconnect', new URL(server.url).port)
