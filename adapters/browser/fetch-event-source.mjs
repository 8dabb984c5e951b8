// ssespec module for `@microsoft/fetch-event-source`: a function on fetch with callbacks.
import { EventStreamContentType, fetchEventSource } from './node_modules/@microsoft/fetch-event-source/lib/esm/index.js'
import manifest from './node_modules/@microsoft/fetch-event-source/package.json' with { type: 'json' }

export const about = {
  name: manifest.name,
  version: manifest.version,
  features: ['open', 'reconnect', 'headers', 'post', 'redirect', 'retry', 'event-types'],
  event_id: 'per-event',
}

// `onopen`, `onclose` and `onerror` are those of the package's README, as in the adapter for Node.
class RetriableError extends Error {}
class FatalError extends Error {}

export function open({ url, method, headers, body, with_credentials }, report) {
  const controller = new AbortController()
  fetchEventSource(url, {
    method,
    headers,
    body: body ?? undefined,
    credentials: with_credentials ? 'include' : 'same-origin',
    signal: controller.signal,
    openWhenHidden: true,
    async onopen({ ok, status, headers }) {
      const type = headers.get('content-type')
      if (ok && type?.startsWith(EventStreamContentType)) return report('opened')
      const final = status >= 400 && status < 500 && status !== 429
      throw new (final ? FatalError : RetriableError)(`status ${status}, content type ${type}`)
    },
    onmessage({ event, data, id, retry }) {
      if (retry !== undefined) report('retry', { ms: Math.min(retry, Number.MAX_SAFE_INTEGER) })
      report('event', { type: event || 'message', data, id })
    },
    onclose() {
      throw new RetriableError('the server has ended the stream')
    },
    onerror(error) {
      if (error instanceof FatalError) throw error
      report('error', { fatal: false, message: String(error) })
    },
  }).then(() => report('closed'), (error) => {
    report('error', { fatal: true, message: String(error) })
    report('closed')
  })
  return () => controller.abort()
}
