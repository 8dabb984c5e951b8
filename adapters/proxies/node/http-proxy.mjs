// http-proxy, as it comes.
import { createRequire } from 'node:module';
import httpProxy from 'http-proxy';

const { version } = createRequire(import.meta.url)('http-proxy/package.json');
console.log(JSON.stringify({ op: 'hello', name: 'http-proxy', version }));
const [host, port] = process.env.SSESPEC_VIA.split(':');
const proxy = httpProxy.createProxyServer({ target: `http://${process.env.SSESPEC_ORIGIN}` });
proxy.on('error', (error, request, response) => {
  if (response.headersSent) response.destroy(error);
  else response.writeHead(502).end();
});
proxy.listen(Number(port), host);
