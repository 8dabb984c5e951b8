// The wire of the adapter protocol: one JSON object a line, requests on stdin, reports on stdout.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Writes one report at once: a pipe on stdout is written synchronously. */
export function report(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Says hello for the npm package `name`, then calls `ops[request.op](request)` at each request. */
export function serve(name, hello, ops) {
  const { version } = require(`${name}/package.json`)
  const runtime = `node ${process.versions.node}`
  report({ op: 'hello', protocol: 1, name, version, language: 'JavaScript', runtime, ...hello })

  // Stdout may also be a socket, which is written later: leave when the last report is out.
  const exit = () => process.stdout.write('', () => process.exit(0))
  const handlers = { exit, ...ops }
  const answer = (request) => handlers[request.op]?.(request)
  // Not `node:readline`: it also ends lines at U+2028 and U+2029, which JSON may hold unescaped.
  let pending = ''
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text) => {
    pending += text
    if (!text.includes('\n')) return
    const lines = pending.split('\n')
    pending = lines.pop()
    for (const line of lines) if (line.trim()) answer(JSON.parse(line))
  })
  process.stdin.on('end', exit)
}
