import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { runEventSchema, type RunEvent, type RunSubscribeAck } from '../../core/events/run-event.ts';
import { eventually } from '../../testing/eventually.ts';
import { openQueueBackend } from '../../queue/backend.ts';
import { createRunPlayer, type RunPlayer } from '../../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;
let second: { readonly url: string; stop(): Promise<void> };
let user: TestUser;
let stranger: TestUser;
let player: RunPlayer;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await startTestServer();
  second = await server.startAnother();
  user = await server.addUser();
  stranger = await server.addUser();
  player = await createRunPlayer(server.database.pool);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(async () => {
  await second.stop();
  await server.stop();
});

async function connect(
  url: string,
  key: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<Socket> {
  const socket = io(url, {
    auth: { token: key },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
  });
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject);
  });
  return socket;
}

/** Collects the events that a socket gets, each held against the contract. */
function collect(socket: Socket): RunEvent[] {
  const events: RunEvent[] = [];
  socket.on('run:event', (event: unknown) => events.push(runEventSchema.parse(event)));
  return events;
}

const subscribe = (socket: Socket, runId: string, afterSeq?: number): Promise<RunSubscribeAck> =>
  socket.timeout(60_000).emitWithAck('run:subscribe', { runId, ...(afterSeq === undefined ? {} : { afterSeq }) });

async function startRun(workflowId?: number): Promise<{ id: string; workflowId: number }> {
  const id =
    workflowId ?? (await user.call('POST', '/api/workflows', { body: { name: 'live', data: smallGraph() } })).body.id;
  return { id: (await user.call('POST', `/api/workflows/${id}/run`)).body.id, workflowId: id };
}

const seqs = (events: readonly RunEvent[]) => events.map((event) => event.seq);
const isEnd = (event: RunEvent) => event.type === 'run.updated' && event.status === 'COMPLETED';
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('run:subscribe', () => {
  test('gives a snapshot and then every status event once, in order, from whichever server', async () => {
    const run = await startRun();
    const [here, there] = [await connect(server.url, user.key), await connect(second.url, user.key)];
    const [eventsHere, eventsThere] = [collect(here), collect(there)];
    const ack = await subscribe(here, run.id);
    expect(ack).toMatchObject({ ok: true, seq: 1, snapshot: { id: run.id, status: 'PENDING' } });
    expect(await subscribe(there, run.id, 0)).toMatchObject({ ok: true, seq: 1 });
    await player.finish(run.id);
    await eventually(() => eventsHere.some(isEnd) && eventsThere.some(isEnd));
    const last = eventsThere.at(-1)!.seq;
    expect(seqs(eventsThere)).toEqual(oneTo(last));
    expect(seqs(eventsHere)).toEqual(oneTo(last).slice(1));
    const completed = eventsHere.find((event) => event.type === 'node.updated' && event.status === 'COMPLETED');
    expect(completed).toMatchObject({ nodeId: 'a', nodeType: 'text', outputData: { output: 'from a' } });
  });

  test('replays what a client missed, also long after the end and from another server', async () => {
    const run = await startRun();
    await player.finish(run.id);
    const detail = (await user.call('GET', `/api/runs/${run.id}`)).body;
    for (const afterSeq of [0, 3, detail.seq]) {
      const socket = await connect(second.url, user.key);
      const events = collect(socket);
      expect(await subscribe(socket, run.id, afterSeq)).toMatchObject({ ok: true, seq: detail.seq });
      await eventually(() => seqs(events).length === detail.seq - afterSeq);
      expect(seqs(events)).toEqual(oneTo(detail.seq).slice(afterSeq));
    }
  });

  test('may be repeated with an older seq without events out of order', async () => {
    const run = await startRun();
    const socket = await connect(server.url, user.key);
    const events = collect(socket);
    await subscribe(socket, run.id);
    await player.finish(run.id);
    await eventually(() => events.some(isEnd));
    const before = events.splice(0).length;
    await subscribe(socket, run.id, 1);
    await eventually(() => events.length === before);
    expect(seqs(events)).toEqual(oneTo(before).map((seq) => seq + 1));
  });

  test('is refused for somebody else and for a run that does not exist, with the same answer', async () => {
    const run = await startRun();
    const socket = await connect(server.url, stranger.key);
    const events = collect(socket);
    const absent = '00000000-0000-4000-8000-000000000000';
    expect(await subscribe(socket, run.id)).toMatchObject({ ok: false, code: 'RUN_NOT_FOUND' });
    expect(await subscribe(socket, absent)).toMatchObject({ ok: false, code: 'RUN_NOT_FOUND' });
    expect(
      await socket.timeout(60_000).emitWithAck('workflow:subscribe', { workflowId: run.workflowId }),
    ).toMatchObject({ ok: false, code: 'WORKFLOW_NOT_FOUND' });
    const own = await connect(server.url, user.key);
    const ownEvents = collect(own);
    await subscribe(own, run.id);
    await player.finish(run.id);
    await eventually(() => ownEvents.some(isEnd));
    expect(events).toEqual([]);
  });

  test('with a payload that is none is refused, and the connection lives on', async () => {
    const socket = await connect(server.url, user.key);
    for (const payload of [
      null,
      'x',
      {},
      { runId: 'x' },
      { runId: absentRun, afterSeq: -1 },
      { runId: absentRun, x: 1 },
    ]) {
      expect(await socket.timeout(60_000).emitWithAck('run:subscribe', payload)).toMatchObject({
        ok: false,
        code: 'REQUEST_INVALID',
      });
    }
    expect(socket.connected).toBe(true);
  });

  test('stops after run:unsubscribe', async () => {
    const run = await startRun();
    const [quiet, loud] = [await connect(server.url, user.key), await connect(server.url, user.key)];
    const [quietEvents, loudEvents] = [collect(quiet), collect(loud)];
    await Promise.all([subscribe(quiet, run.id), subscribe(loud, run.id)]);
    expect(await quiet.timeout(60_000).emitWithAck('run:unsubscribe', { runId: run.id })).toEqual({ ok: true });
    await player.finish(run.id);
    await eventually(() => loudEvents.some(isEnd));
    expect(quietEvents).toEqual([]);
  });

  test('is limited in number and pace', async () => {
    const run = await startRun();
    const socket = await connect(server.url, user.key);
    // At once, so that no time goes by in which more would be allowed.
    const acks = await Promise.all(Array.from({ length: 100 }, () => subscribe(socket, run.id)));
    expect(acks.filter((ack) => !ack.ok)).toContainEqual(expect.objectContaining({ code: 'RATE_LIMITED' }));
    expect(acks.filter((ack) => ack.ok)).not.toEqual([]);
  });
});

describe('a notice', () => {
  test('brings an event to a client of another server, without a poll', async () => {
    // Polls every hour: what tells it is the notice.
    const told = await server.startAnother({ livePollMs: 3_600_000 });
    try {
      const run = await startRun();
      const socket = await connect(told.url, user.key);
      const events = collect(socket);
      await subscribe(socket, run.id);
      expect((await user.call('POST', `/api/runs/${run.id}/cancel`)).status).toBe(202);
      await eventually(() => events.some((event) => event.type === 'run.updated' && event.status === 'CANCELLED'));
      socket.disconnect();
    } finally {
      await told.stop();
    }
  });

  test('of progress or streamed text is passed on as it is, with the seq that the client has', async () => {
    const run = await startRun();
    const socket = await connect(server.url, user.key);
    const events = collect(socket);
    await subscribe(socket, run.id);
    const { redisUrl, redisPrefix, databaseUrl } = server.config;
    const backend = openQueueBackend(
      redisUrl === null
        ? { kind: 'postgres', url: databaseUrl }
        : { kind: 'redis', url: redisUrl, prefix: redisPrefix },
      () => {},
    );
    const notices = backend.openNotices(() => {});
    const of = { runId: run.id, workflowId: run.workflowId, nodeId: 'a', attempt: 1 };
    await notices.publish([
      { kind: 'progress', ...of, percent: 40, message: 'half way' },
      { kind: 'delta', ...of, offset: 0, text: 'Once upon' },
      { kind: 'delta', ...of, offset: 9, text: ' a time' },
    ]);
    await eventually(() => events.length === 3);
    expect(events).toMatchObject([
      { type: 'node.progress', seq: 1, nodeId: 'a', percent: 40, message: 'half way' },
      { type: 'node.delta', seq: 1, offset: 0, text: 'Once upon' },
      { type: 'node.delta', seq: 1, offset: 9, text: ' a time' },
    ]);
    await notices.stop();
    await backend.stop();
  });
});

const absentRun = '00000000-0000-4000-8000-000000000000';

describe('workflow:subscribe', () => {
  test('follows runs that begin later, from their first event, and those under way from where they are', async () => {
    const running = await startRun();
    const finished = await startRun(running.workflowId);
    await player.finish(finished.id);
    const socket = await connect(second.url, user.key);
    const events = collect(socket);
    expect(await socket.timeout(60_000).emitWithAck('workflow:subscribe', { workflowId: running.workflowId })).toEqual({
      ok: true,
    });
    const later = await startRun(running.workflowId);
    await player.finish(later.id);
    await player.finish(running.id);
    const of = (id: string) => events.filter((event) => event.runId === id);
    await eventually(() => of(later.id).some(isEnd) && of(running.id).some(isEnd));
    expect(seqs(of(later.id))).toEqual(oneTo(of(later.id).at(-1)!.seq));
    expect(seqs(of(running.id))).toEqual(oneTo(of(running.id).at(-1)!.seq).slice(1));
    expect(of(finished.id)).toEqual([]);
    expect(new Set(events.map((event) => event.workflowId))).toEqual(new Set([running.workflowId]));
  });

  test('C4: tells the version of the workflow at once and after each change, whichever server made it, and nobody else', async () => {
    const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'two tabs', data: smallGraph() } })).body;
    const { id: other } = (await user.call('POST', '/api/workflows', { body: { name: 'x', data: smallGraph() } })).body;
    const heard: Record<string, unknown[]> = { first: [], second: [], elsewhere: [] };
    for (const [name, url, workflowId] of [
      ['first', server.url, id],
      ['second', second.url, id],
      ['elsewhere', second.url, other],
    ] as const) {
      const socket = await connect(url, user.key);
      socket.on('workflow:updated', (news: unknown) => heard[name]!.push(news));
      await socket.timeout(5_000).emitWithAck('workflow:subscribe', { workflowId });
    }
    await user.call('PUT', `/api/workflows/${id}`, { body: { name: 'three tabs' } });
    const both = [1, 2].map((version) => ({ workflowId: id, version }));
    await eventually(() => heard['first']!.length === 2 && heard['second']!.length === 2);
    expect(heard).toEqual({ first: both, second: both, elsewhere: [{ workflowId: other, version: 1 }] });
  });

  test('beside run:subscribe for one of its runs sends each event once', async () => {
    const run = await startRun();
    const socket = await connect(server.url, user.key);
    const events = collect(socket);
    await socket.timeout(60_000).emitWithAck('workflow:subscribe', { workflowId: run.workflowId });
    await subscribe(socket, run.id);
    await player.finish(run.id);
    await eventually(() => events.some(isEnd));
    expect(seqs(events)).toEqual(oneTo(events.at(-1)!.seq).slice(1));
  });
});

describe('a live connection', () => {
  test('works by polling alone and by a websocket alone, with a header or a cookie too', async () => {
    for (const options of [
      { transports: ['polling'] },
      { transports: ['websocket'] },
      { auth: {}, extraHeaders: { authorization: `Bearer ${user.key}` } },
    ]) {
      const socket = await connect(server.url, user.key, options);
      expect(socket.connected).toBe(true);
      socket.disconnect();
    }
  });

  test.each([
    ['no credential', {}, 'AUTH_REQUIRED'],
    ['a wrong key', { token: `hdl_${'x'.repeat(43)}` }, 'AUTH_INVALID'],
    ['junk', { token: { a: 1 } }, 'AUTH_REQUIRED'],
  ])('with %s is refused', async (_what, auth, code) => {
    await expect(connect(server.url, '', { auth })).rejects.toMatchObject({ data: { code } });
  });

  test('from a page of another site is refused at the handshake', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      const refused = connect(server.url, user.key, { extraHeaders: { origin } });
      await expect(refused).rejects.toThrow('websocket error');
    }
    const same = await connect(server.url, user.key, { extraHeaders: { origin: server.url } });
    expect(same.connected).toBe(true);
  });

  test('that sends more than 64 KB at once is cut', async () => {
    const socket = await connect(server.url, user.key);
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));
    socket.emit('run:subscribe', { runId: 'x'.repeat(70_000) });
    await cut;
  });

  test('is cut soon after its key was revoked, while others stay', async () => {
    const leaving = await server.addUser();
    const [gone, stays] = [await connect(server.url, leaving.key), await connect(server.url, user.key)];
    const [{ id }] = (await leaving.call('GET', '/api/keys')).body.items;
    expect((await leaving.call('DELETE', `/api/keys/${id}`)).status).toBe(204);
    await eventually(() => !gone.connected);
    expect(stays.connected).toBe(true);
  });

  test('is one of at most ten per user', async () => {
    const busy = await server.addUser();
    for (let i = 0; i < 10; i += 1) await connect(server.url, busy.key);
    await expect(connect(server.url, busy.key)).rejects.toMatchObject({ data: { code: 'RATE_LIMITED' } });
    sockets.at(-2)?.disconnect();
    await eventually(async () => (await connect(server.url, busy.key)).connected);
  });
});
