// ssespec adapter for the EventSource of `undici`, on that package's own fetch.
import { Agent, EventSource, MessageEvent } from 'undici'
import { report, serve } from './protocol.mjs'

const sources = new Map()

/** The package's documented way to set headers: a dispatcher that adds them to each request. */
class HeaderAgent extends Agent {
  #headers

  constructor(headers) {
    super()
    this.#headers = headers
  }

  dispatch(options, handler) {
    return super.dispatch({ ...options, headers: { ...options.headers, ...this.#headers } }, handler)
  }
}

function open({ stream, url, headers, listen, with_credentials, reconnect_ms }) {
  const node = {}
  if (reconnect_ms != null) node.reconnectionTime = reconnect_ms
  // Without headers the streams share the package's global dispatcher, as its users' do.
  if (Object.keys(headers ?? {}).length > 0) node.dispatcher = new HeaderAgent(headers)
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

const features = 'open reconnect reconnect-delay headers redirect event-types tls'.split(' ')
serve('undici', { event_id: 'sticky', features }, { open, close })
