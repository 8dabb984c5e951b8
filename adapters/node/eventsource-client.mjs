// ssespec adapter for `eventsource-client`: a client on fetch that is iterated over.
import { createEventSource } from 'eventsource-client'
import { report, serve } from './protocol.mjs'

const sources = new Map()

async function open(request) {
  const { stream, url, method, headers, body, last_event_id } = request
  try {
    const source = createEventSource({
      url,
      method,
      headers,
      body,
      initialLastEventId: last_event_id ?? undefined,
      onConnect: () => report({ op: 'opened', stream }),
      onComment: (text) => report({ op: 'comment', stream, text }),
      // The package has no error callback. This one follows each failure and each lost connection.
      onScheduleReconnect: ({ delay }) =>
        report({ op: 'error', stream, fatal: false, message: `reconnects in ${delay} ms` }),
    })
    sources.set(stream, source)
    // The loop ends when the client is closed, by its user or by itself.
    for await (const { event, data, id } of source) {
      report({ op: 'event', stream, type: event ?? 'message', data, id })
    }
  } catch (error) {
    report({ op: 'error', stream, fatal: true, message: error.message })
  }
  sources.delete(stream)
  report({ op: 'closed', stream })
}

const close = ({ stream }) => sources.get(stream)?.close()

const features = 'open reconnect last-event-id headers post redirect comments event-types tls'
serve('eventsource-client', { event_id: 'per-event', features: features.split(' ') }, { open, close })
