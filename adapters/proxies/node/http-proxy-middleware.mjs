// http-proxy-middleware, as it comes.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createProxyMiddleware } from 'http-proxy-middleware';

const { version } = createRequire(import.meta.url)('http-proxy-middleware/package.json');
console.log(JSON.stringify({ op: 'hello', name: 'http-proxy-middleware', version }));
const [host, port] = process.env.SSESPEC_VIA.split(':');
const target = `http://${process.env.SSESPEC_ORIGIN}`;
const proxy = createProxyMiddleware({ target, changeOrigin: true });
createServer((request, response) => {
  proxy(request, response, () => response.writeHead(404).end());
}).listen(Number(port), host);
