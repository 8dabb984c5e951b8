// Runs the client on each stream and says what it reports.
import * as client from './client.js';
import { browser, place } from './where.js';

// What closes each stream that is open.
const closers = new Map();

export const about = {
  language: 'JavaScript',
  runtime: `${browser.name} ${browser.version}, ${place}`,
  ...client.about,
};

export function run(command, say) {
  const { op, stream } = command;
  const report = (what, fields) => {
    if (what === 'closed' && !closers.delete(stream)) return;
    say({ op: what, stream, ...fields });
  };
  if (op === 'open') {
    closers.set(stream, () => {});
    try {
      const close = client.open(command, report);
      if (closers.has(stream)) closers.set(stream, close);
    } catch (error) {
      report('error', { fatal: true, message: String(error) });
      report('closed');
    }
  } else if (op === 'close') {
    closers.get(stream)?.();
    report('closed');
  }
}
