import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { clientMessages } from '../../core/events/run-event.ts';
import { eventually } from '../../testing/eventually.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';
import { httpLimits, socketLimits } from '../limits/limits.ts';

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

/** Another user is served, so many times. */
async function othersAreServed(requests: number): Promise<void> {
  for (let i = 0; i < requests; i += 1) expect((await user.call('GET', '/api/me')).status).toBe(200);
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
      await othersAreServed(50);
      for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    } finally {
      clearInterval(dripping);
    }
  });

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
    await eventually(() => closed >= 50);
    // Those of the other tests of this file may still be open.
    expect(closed).toBeLessThan(80);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => (await user.call('GET', '/api/me')).status === 200);
  });
});

function connectLive(key: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = io(server.url, { transports: ['websocket'], auth: { token: key }, reconnection: false });
    socket.once('connect', () => resolve(socket)).once('connect_error', reject);
  });
}

describe('attack 22: a live connection', () => {
  test('that floods is closed, and other users do not notice', async () => {
    const flood = await connectLive((await server.addUser()).key);
    const gone = new Promise<string>((resolve) => flood.once('disconnect', resolve));
    for (let i = 0; i < 20_000; i += 1) flood.emit(clientMessages.workflowUnsubscribe, { workflowId: i + 1 });
    expect(await gone).toBe('io server disconnect');
    await othersAreServed(50);
  });

  test('may be held so many times by one user, and a message may have 64 KB', async () => {
    const { key } = await server.addUser();
    const sockets = await Promise.all(Array.from({ length: socketLimits.maxSocketsPerUser }, () => connectLive(key)));
    await expect(connectLive(key)).rejects.toThrow('RATE_LIMITED');
    const gone = new Promise<string>((resolve) => sockets[0]!.once('disconnect', resolve));
    sockets[0]!.emit(clientMessages.runSubscribe, { runId: 'x'.repeat(socketLimits.maxMessageBytes + 1) });
    expect(await gone).toMatch(/transport (?:close|error)/);
    for (const socket of sockets) socket.disconnect();
  });
});

describe('attack 22: live connections that nobody says who they are on', () => {
  const poll = (query = '') => fetch(`${server.url}/socket.io/?EIO=4&transport=polling${query}`);
  const leave = (sid: string) =>
    fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: 'POST', body: '1' });
  const arrive = async (): Promise<string> => JSON.parse((await (await poll()).text()).slice(1)).sid;

  test('are so many of one address, though they hold no connection, and whoever says so comes through', async () => {
    const lines: string[] = [];
    for (let at = 0; at < socketLimits.maxArrivingPerAddress; at += 50) {
      lines.push(...(await Promise.all(Array.from({ length: 50 }, arrive))));
    }
    const oneMore = await arrive();
    const isThere = async (sid: string) =>
      (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: 'POST', body: '6' }))
        .status;
    expect([await isThere(lines[0]!), await isThere(oneMore)]).toEqual([200, 400]);
    // Few at a time: connections are limited as well.
    for (let at = 0; at < lines.length; at += 50) {
      await Promise.all(lines.slice(at, at + 50).map((sid) => leave(sid)));
    }
    const socket = await connectLive(user.key);
    expect(socket.connected).toBe(true);
    socket.close();
  });

  test('a connection that was left keeps no line', async () => {
    const socket = await connectLive((await server.addUser()).key);
    const line = new Promise<string>((resolve) => socket.io.engine.once('close', resolve));
    // The connection is left by a message on it, and what it lies on is kept.
    socket.io.engine.write('41');
    expect(await line).toBe('transport close');
  });
});

describe('attack 21: tokens that are tried on a live connection', () => {
  test('count among the wrong credentials of their address, and a right one passes', async () => {
    const socket = await connectLive(user.key);
    const renew = (token: string) => socket.timeout(60_000).emitWithAck('auth:refresh', { token });
    expect(await renew('hdl_wrong')).toMatchObject({ ok: false, code: 'AUTH_INVALID' });
    const wrong = { headers: { authorization: 'Bearer hdl_wrong' } };
    const asked = async () => (await server.call('GET', '/api/me', wrong)).body.code;
    // More at once than an address gets back while they are answered.
    await eventually(async () => (await Promise.all(Array.from({ length: 20 }, asked))).includes('RATE_LIMITED'));
    expect(await renew('hdl_wrong')).toMatchObject({ ok: false, code: 'RATE_LIMITED' });
    expect(await renew(user.key)).toEqual({ ok: true });
    socket.close();
  });
});
