// ssespec adapter for `express-sse`.
import express from 'express'
import SSE from 'express-sse'
import { hello, readSteps, Request } from './protocol.mjs'

const app = express()

app.post('/emit', async (req, res) => {
  const request = new Request()
  const steps = await readSteps(req, res)
  const sse = new SSE()
  sse.init(req, res)
  res.on('close', request.left) // only to end this function: the package does not tell
  await request.play(steps, {
    event: ({ type, data, id }) => sse.send(data, type, id),
  })
  res.end()
})

const server = app.listen(0, '127.0.0.1', () => {
  hello('express-sse', 'event id json-data throw', server.address().port)
})
