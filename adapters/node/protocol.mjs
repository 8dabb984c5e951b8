// The wire of the adapter protocol: one JSON object a line, requests on stdin, reports on stdout.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Writes one report at once: Node's stdout is synchronous when it is a pipe. */
export function report(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Says hello for the npm package `name`, then calls `ops[request.op](request)` for each request. */
export function serve(name, hello, ops) {
  const { version } = require(`${name}/package.json`)
  const runtime = `node ${process.versions.node}`
  report({ op: 'hello', protocol: 1, name, version, language: 'JavaScript', runtime, ...hello })

  const handlers = { exit: () => process.exit(0), ...ops }
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
  process.stdin.on('end', () => process.exit(0))
}
