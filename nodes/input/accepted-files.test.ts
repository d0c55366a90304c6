import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makePicture } from '../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../testing/node-runs.ts';
import { imageNode } from './image/definition.ts';
import { imageExecutor } from './image/executor.ts';

/* Files behind an address are known only once they are fetched: what their input takes is looked at then. */

let runs: NodeRuns;
let server: Server;
let image: string;
beforeAll(async () => {
  const file = await makePicture('png');
  server = createServer((_request, response) => void createReadStream(file).pipe(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  image = `http://${host}/photo.png`;
  runs = await startNodeRuns({ allow: [host] });
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await runs.stop();
});

test('a file in a format that is taken is put out', async () => {
  const input = { name: 'photo', formats: ['image/png'], maxBytes: 1_000_000 };
  expect(await runs.run(imageExecutor, { image, input })).toMatchObject({ output: { mimeType: 'image/png' } });
});

test.each([
  ['another format', { name: 'photo', formats: ['image/webp'] }, 'Give one of: image/webp.'],
  ['more bytes than are taken', { name: 'photo', maxBytes: 10 }, 'Give one of at most 10.'],
])('a file of %s is refused for good', async (_what, input, words) => {
  await expect(runs.run(imageExecutor, { image, input })).rejects.toMatchObject({
    name: 'TerminalError',
    code: 'RUN_INPUT_INVALID',
    message: expect.stringContaining(words),
  });
});

test('what else a mark says is no part of the work, so that another name does not execute it anew', () => {
  const parsed = (input: unknown) => JSON.stringify(imageNode.configSchema.parse({ image, input }));
  expect(parsed({ name: 'photo', label: 'Photo', required: true })).toBe(parsed(undefined));
  expect(parsed({ name: 'a', formats: ['image/png'] })).toBe(parsed({ name: 'b', formats: ['image/png'] }));
  expect(parsed({ name: 'a', formats: ['image/png'] })).not.toBe(parsed({ name: 'a' }));
});
