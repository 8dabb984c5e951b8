// ssespec adapter for `event-source-polyfill`: an EventSource on fetch where there is one.
import { EventSourcePolyfill } from 'event-source-polyfill'
import { report, serve } from './protocol.mjs'

const sources = new Map()

function open({ stream, url, headers, listen, with_credentials }) {
  let source
  try {
    source = new EventSourcePolyfill(url, { headers, withCredentials: with_credentials ?? false })
  } catch (error) {
    report({ op: 'error', stream, fatal: true, message: error.message })
    report({ op: 'closed', stream })
    return
  }
  sources.set(stream, source)

  const heard = (event) => {
    const { type, data, lastEventId: id } = event
    // A server may name its events `open` or `error` as well: those have data.
    if (data !== undefined) {
      report({ op: 'event', stream, type, data, id })
    } else if (type === 'open') {
      report({ op: 'opened', stream })
    } else {
      const fatal = source.readyState === EventSourcePolyfill.CLOSED
      const message = fatal ? `status ${event.status}` : (event.error?.message ?? 'end of the body')
      report({ op: 'error', stream, fatal, message })
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
serve('event-source-polyfill', { event_id: 'sticky', features }, { open, close })
