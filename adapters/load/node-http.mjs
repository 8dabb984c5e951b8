// A stream for load runs on `node:http`, as tutorials write it: one event a second to everyone.
import { createServer } from 'node:http'

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

const server = createServer((req, res) => {
  if (req.url !== '/events') return res.writeHead(404).end()
  res.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
    Connection: 'keep-alive',
  })
  res.flushHeaders()
  const last = Number(req.headers['last-event-id'] ?? NaN)
  for (const event of replay) if (event.seq > last) res.write(event.text)
  clients.add(res)
  res.on('close', () => clients.delete(res))
})
server.listen(Number(process.env.PORT), '127.0.0.1')
