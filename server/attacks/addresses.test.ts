import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

/* A listener stands where nothing may ever arrive; every test ends with the count of what did. */

let server: TestServer;
let user: TestUser;
let session: TestUser;
let canary: Server;
let canaryPort: number;
let arrivals = 0;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  session = await server.signIn(user);
  canary = createServer((socket) => {
    arrivals += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  canaryPort = (canary.address() as AddressInfo).port;
});
afterEach(() => expect(arrivals).toBe(0));
afterAll(async () => {
  await server.stop();
  await new Promise((resolve) => canary.close(resolve));
});

const hosts = [
  '127.0.0.1',
  '127.1',
  '0',
  '10.0.0.1',
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '[::]',
  '[::1]',
  '[::ffff:7f00:1]',
  '[::7f00:1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '１２７.0.0.1',
  'localhost',
  'redis',
  'postgres',
];

const imageAt = (address: string, field: 'image' | 'file') => ({
  nodes: [
    {
      id: 'picture',
      type: 'image',
      position: { x: 0, y: 0 },
      data: field === 'image' ? { image: address } : { file: { url: address } },
    },
  ],
  edges: [],
});

describe.each(hosts)('attack 1: the address of %s', (host) => {
  test('is refused with one answer when a workflow is saved, when it runs, as a base URL and in a direct call', async () => {
    const address = `http://${host}:${canaryPort}/x`;
    for (const field of ['image', 'file'] as const) {
      const saved = await user.call('POST', '/api/workflows', { body: { name: 'w', data: imageAt(address, field) } });
      expect({ status: saved.status, code: saved.body.code }).toEqual({ status: 422, code: 'URL_NOT_ALLOWED' });
      expect(saved.body.errors[0]).toMatchObject({ nodeIds: ['picture'], path: expect.stringContaining('data.') });
    }
    const { body } = await user.call('POST', '/api/workflows', {
      body: { name: 'w', data: imageAt('https://example.com/a.png', 'image') },
    });
    // A row that was written before a rule was.
    await server.database.pool.query('update workflows set data = $1 where id = $2', [
      JSON.stringify(imageAt(address, 'image')),
      body.id,
    ]);
    const run = await user.call('POST', `/api/workflows/${body.id}/run`);
    expect({ status: run.status, code: run.body.code }).toEqual({ status: 422, code: 'URL_NOT_ALLOWED' });
    const key = await session.call('PUT', '/api/provider-keys/openai', {
      body: { key: 'key-of-a-test', baseUrl: address },
    });
    expect({ status: key.status, code: key.body.code }).toEqual({ status: 422, code: 'URL_NOT_ALLOWED' });
    const direct = await user.call('POST', '/api/llm/execute', {
      body: { model: 'gemini-x', userMessage: 'hi', images: [address] },
    });
    expect({ status: direct.status, code: direct.body.code }).toEqual({ status: 422, code: 'URL_NOT_ALLOWED' });
    for (const answer of [run, key, direct]) expect(answer.text).toContain('This address is not public');
  });
});

test.each([
  ['file:///etc/passwd', 'URL_SCHEME'],
  ['gopher://example.com/', 'URL_SCHEME'],
  ['ftp://example.com/a.png', 'URL_SCHEME'],
  ['http://example.com:25/', 'URL_PORT'],
  ['http://example.com:6379/', 'URL_PORT'],
  ['http://user:pass@example.com/', 'URL_INVALID'],
])('attack 3: %s is refused as %s when a workflow is saved', async (address, code) => {
  const saved = await user.call('POST', '/api/workflows', { body: { name: 'w', data: imageAt(address, 'image') } });
  expect({ status: saved.status, code: saved.body.code }).toEqual({ status: 422, code });
});

test.each(['', 'htt', 'http://', 'photo.png', '/api/assets/x', 'data:image/png;base64,AA=='])(
  'an address that is only half written, or none at all, can be saved: "%s"',
  async (address) => {
    const saved = await user.call('POST', '/api/workflows', { body: { name: 'w', data: imageAt(address, 'image') } });
    expect(saved.status).toBe(201);
  },
);
