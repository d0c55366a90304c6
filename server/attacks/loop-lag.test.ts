import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../../testing/installation.ts';

/*
 * How long one hostile body holds the event loop of a server, and with it everybody else. The server is a process of its
 * own, so that what the test does itself does not count; its loop is watched by the server's own metrics.
 */

let installation: TestInstallation;
let server: InstalledServer;
beforeAll(async () => {
  installation = await createTestInstallation('postgres');
  server = await installation.startServer();
}, 90_000);
afterAll(() => installation.stop(), 60_000);

/** What one body may cost. */
const maxMs = 200;

/** The longest that the loop stood still while `happening`, in ms. */
async function longestLag(happening: () => Promise<void>): Promise<number> {
  const read = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]) * 1_000;
  };
  // Reading begins anew; what happens before the next two turns of its clock would not be seen.
  await read();
  await sleep(50);
  await happening();
  return read();
}

async function send(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<number | 'cut'> {
  try {
    const answer = await fetch(`${server.url}/api/workflows`, {
      method: 'POST',
      headers: { authorization: `Bearer ${installation.apiKey}`, 'content-type': 'application/json', ...headers },
      body,
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    // Refused before it was read to its end.
    return 'cut';
  }
}

const list = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(',');
const inNodes = (nodes: string) => `{"name":"w","data":{"nodes":[${nodes}],"edges":[]}}`;
const KiB = 1024;

const bodies: readonly [string, () => string | Uint8Array<ArrayBuffer>, number, Record<string, string>?][] = [
  ['of 50 MB', () => '9'.repeat(50_000_000), 413],
  [
    'that unpacks to 100 MB',
    () => new Uint8Array(gzipSync(Buffer.alloc(100_000_000, '['))),
    415,
    { 'content-encoding': 'gzip' },
  ],
  ['a million levels deep', () => '['.repeat(1_000_000), 400],
  ['a million objects deep', () => '{"a":'.repeat(400_000), 400],
  ['of 150,000 keys', () => `{${list(150_000, (i) => `"k${i}":1`)}}`, 400],
  ['of a million numbers in place of nodes', () => inNodes(list(1_000_000, () => '0')), 400],
  ['of as many wrong nodes as there may be', () => inNodes(list(24_000, () => '0')), 400],
  ['of as many unknown fields as there may be', () => `{${list(19_000, (i) => `"k${i}":1`)}}`, 400],
  [
    'of as many nodes as there may be keys',
    () => inNodes(list(4_500, (i) => `{"id":"n${i}","type":"text","data":{}}`)),
    422,
  ],
  ['of nodes with the same id', () => inNodes(list(4_500, () => '{"id":"n","type":"text","data":{}}')), 422],
  ['of escapes alone', () => `[${list(7, () => `"${'\\u00e9'.repeat(43_000)}"`)}]`, 400],
  ['of one text', () => `"${'x'.repeat(1_900 * KiB)}"`, 400],
  [
    'of long texts',
    () => inNodes(list(7, (i) => `{"id":"n${i}","type":"text","data":{"text":"${'x'.repeat(255 * KiB)}"}}`)),
    422,
  ],
  ['of bytes that are no text', () => new Uint8Array(1_900 * KiB).fill(0xff), 400],
];

describe('attack 10: while a server judges a body', () => {
  test.each(bodies)(
    '%s, its event loop stands still for less than 200 ms',
    async (_what, make, status, headers = {}) => {
      const body = make();
      // The best of three: the machine may be busy with something else, and the first time code is not compiled yet.
      const lags: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const lag = await longestLag(async () => {
          const outcome = await send(body, headers);
          expect(status === 413 ? [413, 'cut'] : [status]).toContain(outcome);
        });
        lags.push(lag);
      }
      expect(Math.min(...lags)).toBeLessThan(maxMs);
    },
  );

  test('the figure is one that a loop that stands still would show', async () => {
    const lag = await longestLag(async () => {
      // The loop of a stopped process does not turn.
      process.kill(server.process.pid, 'SIGSTOP');
      await sleep(2 * maxMs);
      process.kill(server.process.pid, 'SIGCONT');
    });
    expect(lag).toBeGreaterThan(maxMs);
  });
});
