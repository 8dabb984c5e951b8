// ssespec adapter for `eventsource`: the EventSource of browsers, on top of fetch.
import { EventSource } from 'eventsource'
import { report, serve } from './protocol.mjs'

const sources = new Map()

function open({ stream, url, headers, listen, with_credentials }) {
  let source
  try {
    source = new EventSource(url, {
      withCredentials: with_credentials ?? false,
      // The package's documented way to set headers. Its own come last, so that a stale
      // `Last-Event-ID` from the caller cannot hide the one that the package keeps.
      fetch: (input, init) => fetch(input, { ...init, headers: { ...headers, ...init.headers } }),
    })
  } catch (error) {
    report({ op: 'error', stream, fatal: true, message: error.message })
    report({ op: 'closed', stream })
    return
  }
  sources.set(stream, source)

  // A server may name its events `open` or `error` as well: those arrive as MessageEvents.
  const heard = (event) => {
    if (event instanceof MessageEvent) {
      const { type, data, lastEventId: id } = event
      report({ op: 'event', stream, type, data, id })
    } else if (event.type === 'open') {
      report({ op: 'opened', stream })
    } else {
      const fatal = source.readyState === EventSource.CLOSED
      report({ op: 'error', stream, fatal, message: event.message })
      if (fatal) closed(stream)
    }
  }
  for (const type of new Set([...(listen ?? ['message']), 'open', 'error'])) {
    source.addEventListener(type, heard)
  }
}

// Listeners stay on, so that whatever the package still says after this is seen.
function closed(stream) {
  if (sources.delete(stream)) report({ op: 'closed', stream })
}

function close({ stream }) {
  sources.get(stream)?.close()
  closed(stream)
}

const features = ['open', 'reconnect', 'headers', 'redirect', 'event-types', 'tls']
serve('eventsource', { event_id: 'sticky', features }, { open, close })
