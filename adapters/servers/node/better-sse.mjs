// ssespec adapter for `better-sse`, on Express.
import { createSession } from 'better-sse'
import express from 'express'
import { heartbeat, hello, readSteps, Request } from './protocol.mjs'

const app = express()

app.post('/emit', async (req, res) => {
  const request = new Request()
  const steps = await readSteps(req, res)
  const session = await createSession(req, res, {
    keepAlive: heartbeat(steps),
  })
  session.on('disconnected', request.left)
  // `push` writes a type, an id and data, and makes up what it is not given; a batch has the rest.
  await request.play(steps, {
    event({ type, data, id, retry }) {
      if (retry === undefined && data !== undefined) return session.push(data, type, id)
      return session.batch((buffer) => {
        if (type !== undefined) buffer.event(type)
        if (id !== undefined) buffer.id(id)
        if (retry !== undefined) buffer.retry(retry)
        if (data !== undefined) buffer.data(data)
        buffer.dispatch()
      })
    },
    comment: (text) => session.batch((buffer) => buffer.comment(text).dispatch()),
  })
  res.end()
})

const features = 'event id retry comment data-less heartbeat disconnect throw json-data'
const server = app.listen(0, '127.0.0.1', () => {
  hello('better-sse', features, server.address().port)
})
