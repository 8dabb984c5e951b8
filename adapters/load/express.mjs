// A stream for load runs on Express: one event a second to everyone.
import { createRequire } from 'node:module'

// The package is installed for the adapters of servers.
const express = createRequire(new URL('../servers/node/', import.meta.url))('express')

const KEPT = 100
const replay = []
const clients = new Set()
let seq = 0

setInterval(() => {
  seq += 1
  const at = performance.timeOrigin + performance.now()
  const event = { seq, text: `id: ${seq}\ndata: ${JSON.stringify({ seq, at })}\n\n` }
  replay.push(event)
  if (replay.length > KEPT) replay.shift()
  for (const res of clients) res.write(event.text)
}, 1000)

const app = express()
app.get('/events', (req, res) => {
  res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' })
  res.flushHeaders()
  const last = Number(req.get('Last-Event-ID') ?? NaN)
  for (const event of replay) if (event.seq > last) res.write(event.text)
  clients.add(res)
  req.on('close', () => clients.delete(res))
})
app.listen(Number(process.env.PORT), '127.0.0.1')
