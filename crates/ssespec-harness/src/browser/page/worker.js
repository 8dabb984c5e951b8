// The same as the frame does, inside a dedicated or a shared worker.
import { about, run } from './streams.js';

function serve(port) {
  const say = (report) => port.postMessage(report);
  port.onmessage = ({ data }) => run(data, say);
  say({ op: 'ready', ...about });
}

if ('onconnect' in self) {
  self.onconnect = ({ ports: [port] }) => serve(port);
} else {
  serve(self);
}
