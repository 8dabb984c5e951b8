// ssespec adapter for an event stream written by hand on Express, with `compression` in front.
import compression from 'compression'
import express from 'express'
import { hello, readSteps, Request, version } from './protocol.mjs'

const app = express()
app.use(compression())

app.post('/emit', async (req, res) => {
  const request = new Request()
  const steps = await readSteps(req, res)
  res.setHeader('Content-Type', 'text/event-stream')
  res.setHeader('Cache-Control', 'no-cache')
  res.flushHeaders()
  res.on('close', request.left)
  await request.play(steps, {
    async event({ type, data, id, retry }) {
      let block = ''
      if (id !== undefined) block += `id: ${id}\n`
      if (type !== undefined) block += `event: ${type}\n`
      if (retry !== undefined) block += `retry: ${retry}\n`
      if (data !== undefined) block += `data: ${data}\n`
      const written = res.write(`${block}\n`)
      res.flush() // what `compression` asks of those who send events
      await request.drained(res, written)
    },
    comment(text) {
      res.write(`: ${text}\n\n`)
      res.flush()
    },
  })
  res.end()
})

const features = 'event id retry comment retry-text data-less compress disconnect throw'
const server = app.listen(0, '127.0.0.1', () => {
  hello('plain-express', features, server.address().port, version('express'))
})
