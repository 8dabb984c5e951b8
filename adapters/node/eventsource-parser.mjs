// ssespec adapter for `eventsource-parser`: a decoder that is fed text and calls back.
import { createParser } from 'eventsource-parser'
import { report, serve } from './protocol.mjs'

const decoders = new Map() // by stream number; null once the stream is closed

function start(stream) {
  // The default decoder, as in the README's `pipeThrough(new TextDecoderStream())`.
  const utf8 = new TextDecoder()
  const parser = createParser({
    onEvent: ({ event, data, id }) =>
      report({ op: 'event', stream, type: event ?? 'message', data, id }),
    onComment: (text) => report({ op: 'comment', stream, text }),
    // Digits without end would be Infinity, which JSON has no word for.
    onRetry: (ms) => report({ op: 'retry', stream, ms: Math.min(ms, Number.MAX_SAFE_INTEGER) }),
    // Parse errors are notes about ignored lines: the parser goes on.
    onError: ({ message }) => report({ op: 'error', stream, fatal: false, message }),
  })
  const decoder = {
    feed: (bytes) => parser.feed(utf8.decode(bytes, { stream: true })),
    end: () => parser.feed(utf8.decode()),
  }
  decoders.set(stream, decoder)
  return decoder
}

/** Runs one step of an open or new stream. What the package throws ends that stream alone. */
function step(stream, run) {
  const decoder = decoders.has(stream) ? decoders.get(stream) : start(stream)
  try {
    if (decoder) run(decoder)
  } catch (error) {
    report({ op: 'error', stream, fatal: true, message: error.message })
    close({ stream })
  }
}

function close({ stream }) {
  if (decoders.get(stream) === null) return
  decoders.set(stream, null)
  report({ op: 'closed', stream })
}

const feed = ({ stream, bytes }) =>
  step(stream, (decoder) => decoder.feed(Buffer.from(bytes, 'base64')))
const end = ({ stream }) => (step(stream, (decoder) => decoder.end()), close({ stream }))

const features = ['feed', 'comments', 'retry', 'event-types']
serve('eventsource-parser', { event_id: 'per-event', features }, { feed, end, close })
