// ssespec module for `event-source-polyfill`: an EventSource on fetch, with headers.
import './node_modules/event-source-polyfill/src/eventsource.js'
import manifest from './node_modules/event-source-polyfill/package.json' with { type: 'json' }

const { EventSourcePolyfill } = globalThis

export const about = {
  name: manifest.name,
  version: manifest.version,
  features: ['open', 'reconnect', 'headers', 'redirect', 'event-types'],
  event_id: 'sticky',
}

export function open({ url, headers, listen, with_credentials }, report) {
  const source = new EventSourcePolyfill(url, { headers, withCredentials: with_credentials })
  // A server may name its events `open` and `error` as well: those carry data.
  const heard = (event) => {
    if (event.data !== undefined) {
      report('event', { type: event.type, data: event.data, id: event.lastEventId })
    } else if (event.type === 'open') {
      report('opened')
    } else {
      const fatal = source.readyState === EventSourcePolyfill.CLOSED
      report('error', { fatal, message: String(event.error ?? '') })
      if (fatal) report('closed')
    }
  }
  for (const type of new Set([...listen, 'open', 'error'])) source.addEventListener(type, heard)
  return () => source.close()
}
