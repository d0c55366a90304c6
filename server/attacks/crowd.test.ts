import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { clientMessages } from '../../core/events/run-event.ts';
import { createFloods } from '../../testing/floods.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../../testing/installation.ts';
import { startTestServer, smallGraph, type TestServer } from '../../testing/test-server.ts';
import { socketLimits } from '../limits/limits.ts';

/** A server in a process of its own, so that those who flood it and those who use it do not share a loop. */
describe('attack 22: other users of a server', () => {
  let installation: TestInstallation;
  let server: InstalledServer;
  beforeAll(async () => {
    installation = await createTestInstallation('postgres');
    server = await installation.startServer();
  });
  afterAll(() => installation.stop());

  // What it costs them in time is told by `npm run bench -- neighbors`.
  test.each(['drip their headers', 'drop by drop', 'do nothing', 'live messages'])(
    'are served beside those who %s',
    async (part) => {
      const flood = createFloods(server.url, installation.apiKey).find(({ name }) => name.includes(part))!;
      const end = await flood.begin();
      for (let i = 0; i < 50; i += 1) expect((await server.api.request('GET', '/api/me')).status).toBe(200);
      const { thrownOut } = await end();
      if (part === 'live messages') expect(thrownOut).toBeGreaterThan(0);
    },
  );
});

describe('attack 22: one live connection', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  test('joins so many at a time, follows fifty things, and not one more', async () => {
    const user = await server.addUser();
    const workflows: number[] = [];
    for (let i = 0; i <= socketLimits.maxSubscriptions; i += 1) {
      const { body } = await user.call('POST', '/api/workflows', { body: { name: `w${i}`, data: smallGraph() } });
      workflows.push(body.id);
    }
    const socket = await new Promise<Socket>((resolve, reject) => {
      const opened = io(server.url, { transports: ['websocket'], auth: { token: user.key }, reconnection: false });
      opened.once('connect', () => resolve(opened)).once('connect_error', reject);
    });
    const join = (workflowId: number) =>
      socket.timeout(60_000).emitWithAck(clientMessages.workflowSubscribe, { workflowId });
    try {
      const firstRefused = { ok: false, code: 'RATE_LIMITED', message: expect.stringContaining('in a short time') };
      const atOnce = await Promise.all(workflows.slice(0, socketLimits.maxJoins + 10).map(join));
      expect(atOnce.filter(({ ok }) => ok).length).toBeLessThanOrEqual(socketLimits.maxJoins + 1);
      expect(atOnce).toContainEqual(firstRefused);
      // As fast as the pace allows, until all fifty are followed.
      for (const id of workflows.slice(0, socketLimits.maxSubscriptions)) {
        for (let tries = 0; ; tries += 1) {
          const answer = await join(id);
          if (answer.ok) break;
          expect([tries, answer]).toEqual([expect.any(Number), firstRefused]);
          expect(tries).toBeLessThan(50);
          await sleep(socketLimits.joinWindowMs / socketLimits.maxJoins);
        }
      }
      await sleep(socketLimits.joinWindowMs / socketLimits.maxJoins);
      expect(await join(workflows.at(-1)!)).toEqual({
        ok: false,
        code: 'RATE_LIMITED',
        message: `A connection follows at most ${socketLimits.maxSubscriptions} things. Unsubscribe from one first.`,
      });
      // What is followed already may be asked for again, and whoever lets go of one may follow another.
      await socket.timeout(60_000).emitWithAck(clientMessages.workflowUnsubscribe, { workflowId: workflows[0] });
      await sleep(socketLimits.joinWindowMs / socketLimits.maxJoins);
      expect(await join(workflows.at(-1)!)).toEqual({ ok: true });
    } finally {
      socket.disconnect();
    }
  });
});
