// ssespec adapter for the EventSource of `undici`, on that package's own fetch.
import { EventSource, MessageEvent } from 'undici'
import { report, serve } from './protocol.mjs'

const sources = new Map()

function open({ stream, url, listen, with_credentials, reconnect_ms }) {
  const node = {}
  if (reconnect_ms != null) node.reconnectionTime = reconnect_ms
  let source
  try {
    source = new EventSource(url, { withCredentials: with_credentials ?? false, node })
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
      report({ op: 'error', stream, fatal, message: 'the event has no message' })
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

const features = 'open reconnect reconnect-delay redirect event-types tls'.split(' ')
serve('undici', { event_id: 'sticky', features }, { open, close })
