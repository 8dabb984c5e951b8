// ssespec adapter for `@microsoft/fetch-event-source`: a function on fetch with callbacks.
import { EventStreamContentType, fetchEventSource } from '@microsoft/fetch-event-source'
import { report, serve } from './protocol.mjs'

// The package is written for browsers. With `openWhenHidden` it asks of `window` nothing but its
// fetch and timers, and takes a listener off `document` that it has never put there.
globalThis.window = globalThis
globalThis.document = new EventTarget()

const controllers = new Map()

// These, `onopen`, `onclose` and `onerror` are those of the package's README. Without them a
// clean end of the body would end the stream, and each status would be taken for a success.
class RetriableError extends Error {}
class FatalError extends Error {}

async function open({ stream, url, method, headers, body }) {
  const controller = new AbortController()
  controllers.set(stream, controller)
  try {
    await fetchEventSource(url, {
      method,
      headers,
      body,
      signal: controller.signal,
      openWhenHidden: true,
      async onopen({ ok, status, headers }) {
        // The README compares with `===`; parameters are let by as in the package's own default.
        const type = headers.get('content-type')
        if (ok && type?.startsWith(EventStreamContentType)) return report({ op: 'opened', stream })
        const final = status >= 400 && status < 500 && status !== 429
        throw new (final ? FatalError : RetriableError)(`status ${status}, content type ${type}`)
      },
      onmessage({ event, data, id, retry }) {
        // Digits without end would be Infinity, which JSON has no word for.
        const ms = Math.min(retry, Number.MAX_SAFE_INTEGER)
        if (retry !== undefined) report({ op: 'retry', stream, ms })
        report({ op: 'event', stream, type: event || 'message', data, id })
      },
      onclose() {
        throw new RetriableError('the server has ended the stream')
      },
      onerror(error) {
        if (error instanceof FatalError) throw error
        report({ op: 'error', stream, fatal: false, message: error.message })
      },
    })
  } catch (error) {
    report({ op: 'error', stream, fatal: true, message: error.message })
  }
  controllers.delete(stream)
  report({ op: 'closed', stream })
}

const close = ({ stream }) => controllers.get(stream)?.abort()

const features = 'open reconnect headers post redirect retry event-types tls'.split(' ')
serve('@microsoft/fetch-event-source', { event_id: 'per-event', features }, { open, close })
