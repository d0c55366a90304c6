import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { clientMessages } from '../../core/events/run-event.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';
import { httpLimits, socketLimits } from '../limits.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

function connect(): net.Socket {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  // The server closes it, which is what the test waits for.
  socket.on('error', () => {});
  return socket;
}

function ended(socket: net.Socket): Promise<string> {
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  return new Promise((resolve) => socket.once('close', () => resolve(received)));
}

/** The 99th percentile of how long a request of another user takes, in ms. */
async function p99(requests: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < requests; i += 1) {
    const before = performance.now();
    expect((await user.call('GET', '/api/me')).status).toBe(200);
    times.push(performance.now() - before);
  }
  return times.toSorted((left, right) => left - right)[Math.ceil(requests * 0.99) - 1]!;
}

describe('attack 22: slow and idle clients', () => {
  test('that drip their headers are answered 408 and closed, while others are served', async () => {
    const slow = Array.from({ length: 50 }, connect);
    const answers = slow.map(ended);
    for (const socket of slow) socket.write('GET /api/me HTTP/1.1\r\nHost: x\r\n');
    const dripping = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('X-A: b\r\n');
    }, 1_000);
    try {
      expect(await p99(50)).toBeLessThan(1_000);
      const before = performance.now();
      for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(performance.now() - before).toBeLessThan(httpLimits.headersTimeoutMs + 5_000);
    } finally {
      clearInterval(dripping);
    }
  }, 40_000);

  test('from one address get so many connections and not one more', async () => {
    const most = httpLimits.maxConnectionsPerAddress;
    const sockets: net.Socket[] = [];
    let closed = 0;
    for (let i = 0; i < most + 50; i += 1) {
      const socket = connect();
      socket.once('close', () => (closed += 1));
      sockets.push(socket);
      if (i % 100 === 99) await sleep(20);
    }
    for (let tries = 0; closed < 50 && tries < 100; tries += 1) await sleep(50);
    // Those of the other tests of this file may still be open.
    expect(closed).toBeGreaterThanOrEqual(50);
    expect(closed).toBeLessThan(80);
    for (const socket of sockets) socket.destroy();
    for (let tries = 0; tries < 100; tries += 1) {
      const answer = await user.call('GET', '/api/me').catch(() => null);
      if (answer?.status === 200) return;
      await sleep(50);
    }
    throw new Error('the server does not answer any more');
  }, 30_000);
});

describe('attack 22: a live connection', () => {
  const connectLive = (key: string) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = io(server.url, { transports: ['websocket'], auth: { token: key }, reconnection: false });
      socket.once('connect', () => resolve(socket)).once('connect_error', reject);
    });

  test('that floods is closed, and other users do not notice', async () => {
    const flood = await connectLive((await server.addUser()).key);
    const gone = new Promise<string>((resolve) => flood.once('disconnect', resolve));
    for (let i = 0; i < 20_000; i += 1) flood.emit(clientMessages.workflowUnsubscribe, { workflowId: i + 1 });
    expect(await gone).toBe('io server disconnect');
    expect(await p99(50)).toBeLessThan(1_000);
  }, 30_000);

  test('may be held so many times by one user, and a message may have 64 KB', async () => {
    const { key } = await server.addUser();
    const sockets = await Promise.all(Array.from({ length: socketLimits.maxSocketsPerUser }, () => connectLive(key)));
    await expect(connectLive(key)).rejects.toThrow('RATE_LIMITED');
    const gone = new Promise<string>((resolve) => sockets[0]!.once('disconnect', resolve));
    sockets[0]!.emit(clientMessages.runSubscribe, { runId: 'x'.repeat(socketLimits.maxMessageBytes + 1) });
    expect(await gone).toMatch(/transport (?:close|error)/);
    for (const socket of sockets) socket.disconnect();
  }, 30_000);
});
