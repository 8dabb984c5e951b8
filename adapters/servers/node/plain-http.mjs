// ssespec adapter for an event stream written by hand on `node:http`, as tutorials write it.
import { createServer } from 'node:http'
import { hello, readSteps, Request } from './protocol.mjs'

const server = createServer(async (req, res) => {
  const request = new Request()
  const steps = await readSteps(req, res)
  res.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
    Connection: 'keep-alive',
  })
  res.on('close', request.left)
  await request.play(steps, {
    async event({ type, data, id, retry }) {
      if (id !== undefined) res.write(`id: ${id}\n`)
      if (type !== undefined) res.write(`event: ${type}\n`)
      if (retry !== undefined) res.write(`retry: ${retry}\n`)
      await request.drained(res, res.write(data === undefined ? '\n' : `data: ${data}\n\n`))
    },
    comment: (text) => res.write(`: ${text}\n\n`),
  })
  res.end()
})

const features = 'event id retry comment retry-text data-less disconnect'
server.listen(0, '127.0.0.1', () => {
  hello('plain-http', features, server.address().port, process.versions.node)
})
