// The browser's own EventSource.
import { browser, place } from './where.js';

export const about = {
  ...browser,
  language: 'JavaScript',
  runtime: `EventSource in a ${place}`,
  features: ['open', 'reconnect', 'redirect', 'event-types', 'credentials', 'user-agent'],
  event_id: 'sticky',
};

export function open({ url, listen, with_credentials: withCredentials }, report) {
  const source = new EventSource(url, { withCredentials });
  // A server may name its events `open` and `error` as well: those are MessageEvents.
  const heard = (event) => {
    if (event instanceof MessageEvent) {
      const { type, data, lastEventId: id, origin } = event;
      report('event', { type, data, id, origin: origin ?? '' });
    } else if (event.type === 'open') {
      report('opened');
    } else {
      const fatal = source.readyState === EventSource.CLOSED;
      report('error', { fatal, message: fatal ? 'closed' : 'connecting again' });
      if (fatal) report('closed');
    }
  };
  for (const type of new Set([...listen, 'open', 'error'])) source.addEventListener(type, heard);
  return () => source.close();
}
