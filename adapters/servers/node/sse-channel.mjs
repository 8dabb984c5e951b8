// ssespec adapter for `sse-channel`, on Express with `compression`. Each request has a channel.
import compression from 'compression'
import express from 'express'
import SseChannel from 'sse-channel'
import { heartbeat, hello, readSteps, Request } from './protocol.mjs'

const app = express()
app.use(compression())

app.post('/emit', async (req, res) => {
  const request = new Request()
  const steps = await readSteps(req, res)
  const channel = new SseChannel({ pingInterval: heartbeat(steps) })
  channel.on('disconnect', () => {
    request.left()
    channel.close() // or its timer would go on
  })
  channel.addClient(req, res)
  await request.play(steps, {
    event: ({ type: event, data, id, retry }) => channel.send({ event, data, id, retry }),
  })
  channel.close()
})

const features = 'event id retry heartbeat compress disconnect throw'
const server = app.listen(0, '127.0.0.1', () => {
  hello('sse-channel', features, server.address().port)
})
