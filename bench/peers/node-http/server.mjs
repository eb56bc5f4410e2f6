// Node peer on the plain http module, one process.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

async function hi(output, delay) {
  output.push('Hello');
  await sleep(delay);
  output.push('World');
}

const routes = {
  '/hi': (output, count, delay) => hi(output, delay),
  '/parallel': (output, count, delay) => Promise.all(Array.from({ length: count }, () => hi(output, delay))),
  '/sequence': async (output, count, delay) => {
    for (let i = 0; i < count; i++) await hi(output, delay);
  },
};

function natural(text, fallback) {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : NaN;
}

function send(res, status, value) {
  const body = JSON.stringify(value);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

const server = http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  const run = routes[url.pathname];
  if (!run) return send(res, 404, { error: 'not found' });
  if (req.method !== 'GET') return send(res, 405, { error: 'method not allowed' });
  const count = natural(url.searchParams.get('count'), 3);
  const delay = natural(url.searchParams.get('delay_ms'), 1000);
  if (Number.isNaN(count) || Number.isNaN(delay)) return send(res, 422, { error: 'bad count or delay_ms' });
  const start = process.hrtime.bigint();
  const output = [];
  await run(output, count, delay);
  const elapsed = Number((process.hrtime.bigint() - start) / 1000n) / 1e6;
  send(res, 200, { output, elapsed_seconds: elapsed });
});

server.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 4096 });
