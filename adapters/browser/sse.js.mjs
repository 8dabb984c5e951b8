// ssespec module for `sse.js`: an EventSource on XMLHttpRequest, with methods and headers.
import { SSE } from './node_modules/sse.js/lib/sse.js'
import manifest from './node_modules/sse.js/package.json' with { type: 'json' }

export const about = {
  name: manifest.name,
  version: manifest.version,
  features: ['open', 'reconnect', 'reconnect-delay', 'headers', 'post', 'redirect', 'event-types'],
  event_id: 'sticky',
}

export function open({ url, method, headers, body, listen, reconnect_ms, with_credentials }, report) {
  const source = new SSE(url, {
    method,
    headers,
    payload: body ?? '',
    withCredentials: with_credentials,
    autoReconnect: true,
    reconnectDelay: reconnect_ms ?? undefined,
    start: false,
  })
  for (const type of listen) {
    source.addEventListener(type, (event) => {
      // Its own `open` and `error` have no last event id.
      if (event.lastEventId === undefined) return
      report('event', { type: event.type, data: event.data, id: event.lastEventId })
    })
  }
  source.addEventListener('open', (event) => {
    if (event.lastEventId === undefined) report('opened')
  })
  source.addEventListener('error', (event) => {
    if (event.lastEventId === undefined) report('error', { fatal: false, message: `status ${event.responseCode}` })
  })
  source.stream()
  return () => source.close()
}
