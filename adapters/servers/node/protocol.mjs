// The adapter protocol for server libraries: what all these adapters have in common.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

/** Writes one report at once: a pipe on stdout is written synchronously. */
function report(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The version of an npm package that is installed beside this file. Not all of them export it. */
export function version(name) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}

const claimed = new Set()

/** Says hello once the server listens on `port`; the adapter then lives as long as its stdin. */
export function hello(name, features, port, about = version(name)) {
  for (const feature of features.split(' ')) claimed.add(feature)
  const runtime = `node ${process.versions.node}`
  const subject = { name, version: about, language: 'JavaScript', runtime }
  const url = `http://127.0.0.1:${port}/emit`
  report({ op: 'hello', protocol: 1, role: 'server', ...subject, url, features: [...claimed] })

  const exit = () => process.stdout.write('', () => process.exit(0))
  let pending = ''
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text) => {
    const lines = (pending + text).split('\n')
    pending = lines.pop()
    if (lines.some((line) => line.trim() && JSON.parse(line).op === 'exit')) exit()
  })
  process.stdin.on('end', exit)
}

let received = 0

/** One request: create it as soon as the request is there, for it counts them. */
export class Request {
  #number = ++received
  #over = new AbortController()

  /** To be called where the library says that the client has left. */
  left = () => {
    if (this.#over.signal.aborted) return // told before, or the response had its end
    this.#over.abort()
    if (claimed.has('disconnect')) report({ op: 'disconnected', request: this.#number })
  }

  /** Waits, if `written` is false, until a response of `node:http` takes more. */
  async drained(res, written) {
    if (!written) await once(res, 'drain', { signal: this.#over.signal }).catch(() => {})
  }

  /** What the library is to send, each when its time has come: an event or a comment. */
  async *todo(steps) {
    const { signal } = this.#over
    try {
      for (const [index, step] of steps.entries()) {
        if (signal.aborted || step.end) return
        if (step.throw) throw new Error('the handler fails here')
        if (step.hold) await once(signal, 'abort')
        if (step.sleep_ms) await sleep(step.sleep_ms, null, { signal }).catch(() => {})
        if (step.event || step.comment !== undefined) yield { index, ...step }
        for (let n = 0; n < step.repeat?.count && !signal.aborted; n++) {
          yield { index, event: step.repeat.event }
          await turn() // a flood must not keep everything else from running
        }
      }
    } finally {
      this.#over.abort() // what is closed from here on is not the client's doing
    }
  }

  /**
   * Does the steps with a library that is called for each: `event`, and `comment` if it has one.
   * What these return is awaited, and what they throw is a refusal.
   */
  async play(steps, library) {
    for await (const { index, event, comment } of this.todo(steps)) {
      try {
        if (event) await library.event(event)
        else await library.comment?.(comment)
      } catch (error) {
        report({ op: 'refused', step: index, message: error.message })
      }
    }
  }
}

/** The interval of the library's own keep-alive, if the steps begin with one. */
export const heartbeat = (steps) => steps[0]?.heartbeat_ms

/**
 * Reads the steps from a request of `node:http`. When a body has been read to its end, Node says
 * `end` and `close` on the request; a library made for GET takes that for the client's departure.
 * So the reading stops when all bytes are there, which leaves the request as one by GET would be.
 */
export async function readSteps(req, res) {
  let missing = Number(req.headers['content-length'] ?? Infinity)
  const chunks = []
  await new Promise((resolve) => {
    const take = (chunk) => {
      chunks.push(chunk)
      missing -= chunk.length
      if (missing > 0) return
      req.pause()
      req.off('data', take)
      req.off('end', resolve)
      resolve()
    }
    req.on('data', take)
    req.on('end', resolve)
  })
  res.once('finish', () => req.resume()) // so that the connection can carry the next request
  return JSON.parse(Buffer.concat(chunks)).steps
}
