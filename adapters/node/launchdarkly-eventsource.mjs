// ssespec adapter for `launchdarkly-eventsource`: an EventSource on Node's http and https modules.
import { AsyncLocalStorage } from 'node:async_hooks'
import { EventSource } from 'launchdarkly-eventsource'
import { report, serve } from './protocol.mjs'

const sources = new Map() // null until the constructor has returned
const current = new AsyncLocalStorage() // the number of the stream that the package works for

function open(request) {
  sources.set(request.stream, null)
  current.run(request.stream, () => {
    try {
      connect(request)
    } catch (error) {
      failed(error)
    }
  })
}

function connect({ stream, url, method, headers, body, last_event_id, ...request }) {
  const source = new EventSource(url, {
    method,
    body,
    // The documented place of an initial id.
    headers: last_event_id == null ? headers : { ...headers, 'Last-Event-ID': last_event_id },
    initialRetryDelayMillis: request.reconnect_ms,
    readTimeoutMillis: request.read_timeout_ms,
    https: { rejectUnauthorized: true }, // certificates are checked, also the one of the run
  })
  sources.set(stream, source)

  // Whether a failure is final is said by the event that follows it at once.
  let failure
  const heard = (event) => {
    const { type, data, lastEventId: id } = event
    // A server may use all these names for events of its own: those have data.
    if (data !== undefined) report({ op: 'event', stream, type, data, id })
    else if (type === 'open') report({ op: 'opened', stream })
    else if (type === 'error' || type === 'end') failure = event.message ?? type
    else if (failure !== undefined) {
      report({ op: 'error', stream, fatal: type === 'closed', message: failure })
      failure = undefined
    }
    if (type === 'closed' && data === undefined) closed(stream)
  }
  const own = ['open', 'error', 'end', 'retrying', 'closed']
  for (const type of new Set([...(request.listen ?? ['message']), ...own])) {
    source.addEventListener(type, heard)
  }
}

// What the package throws from a callback of its own reaches nobody, and would end the process.
process.on('uncaughtException', failed)

function failed(error) {
  const stream = current.getStore()
  if (stream === undefined) throw error
  report({ op: 'error', stream, fatal: true, message: error.message })
  sources.get(stream)?.close()
  closed(stream)
}

// Listeners stay on, so that whatever the package still says after this is seen.
function closed(stream) {
  if (sources.delete(stream)) report({ op: 'closed', stream })
}

// The package says `closed` itself, which is heard above.
const close = ({ stream }) => sources.get(stream)?.close()

const features =
  'open reconnect reconnect-delay last-event-id headers post redirect read-timeout event-types tls'
const hello = { event_id: 'sticky', features: features.split(' ') }
serve('launchdarkly-eventsource', hello, { open, close })
