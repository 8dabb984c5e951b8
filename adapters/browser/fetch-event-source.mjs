// ssespec module for `@microsoft/fetch-event-source`: a stream of events from one fetch.
import { fetchEventSource } from './node_modules/@microsoft/fetch-event-source/lib/esm/index.js'
import manifest from './node_modules/@microsoft/fetch-event-source/package.json' with { type: 'json' }

export const about = {
  name: manifest.name,
  version: manifest.version,
  features: ['open', 'reconnect', 'headers', 'post', 'last-event-id', 'redirect', 'event-types'],
  event_id: 'per-event',
}

export function open({ url, method, headers, body, last_event_id, with_credentials }, report) {
  const controller = new AbortController()
  fetchEventSource(url, {
    method,
    headers: last_event_id === null ? headers : { ...headers, 'last-event-id': last_event_id },
    body: body ?? undefined,
    credentials: with_credentials ? 'include' : 'same-origin',
    signal: controller.signal,
    openWhenHidden: true,
    onmessage: ({ event, data, id }) => report('event', { type: event, data, id }),
    // Not to throw here is how its users let it try again.
    onerror: (error) => report('error', { fatal: false, message: String(error) }),
  }).then(() => report('closed'), (error) => {
    report('error', { fatal: true, message: String(error) })
    report('closed')
  })
  return () => controller.abort()
}
