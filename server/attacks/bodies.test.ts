import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemSchema } from '../../core/api/common.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const json = { 'content-type': 'application/json' };

async function refusal(raw: RequestInit['body'], headers: Record<string, string> = json) {
  const answer = await user.call('POST', '/api/workflows', { raw, headers });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(answer.body);
  expect(problem.status).toBe(answer.status);
  expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
  return { status: answer.status, code: problem.code };
}

describe('attack 10: a hostile body', () => {
  test('that is too large is refused with 413, announced or not', async () => {
    expect(await refusal(`"${'x'.repeat(2 * 1024 * 1024)}"`)).toEqual({ status: 413, code: 'BODY_TOO_LARGE' });
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(' '.repeat(65_536))),
    });
    // The server answers and closes while the body still flows; either is what the client may see first.
    const outcome = await refusal(endless).catch(() => 'closed');
    expect([{ status: 413, code: 'BODY_TOO_LARGE' }, 'closed']).toContainEqual(outcome);
  });

  test.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['another charset', { 'content-type': 'application/json; charset=utf-16' }],
    ['no type', {} as Record<string, string>],
  ])('declared as %s is refused with 415', async (_what, headers) => {
    const raw = new TextEncoder().encode(JSON.stringify({ name: 'x', data: smallGraph() }));
    expect(await refusal(raw, headers)).toEqual({ status: 415, code: 'CONTENT_TYPE_UNSUPPORTED' });
  });

  test('that is compressed is refused before anything is unpacked', async () => {
    const raw = gzipSync(JSON.stringify({ name: 'x', data: smallGraph() }));
    const refused = await refusal(new Uint8Array(raw), { ...json, 'content-encoding': 'gzip' });
    expect(refused).toEqual({ status: 415, code: 'CONTENT_TYPE_UNSUPPORTED' });
  });

  test('of 50 MB, a million levels, a million keys or one huge text is refused', async () => {
    const outcome = (raw: string) => refusal(raw).catch(() => 'closed');
    // What is longer than the limit is answered before it is read; the sender may see the end of the connection first.
    expect([{ status: 413, code: 'BODY_TOO_LARGE' }, 'closed']).toContainEqual(await outcome('9'.repeat(50_000_000)));
    expect(await outcome('['.repeat(1_000_000))).toEqual({ status: 400, code: 'JSON_TOO_DEEP' });
    const keys = `{${Array.from({ length: 150_000 }, (_, i) => `"k${i}":1`).join(',')}}`;
    expect(await outcome(keys)).toEqual({ status: 400, code: 'JSON_TOO_DEEP' });
    expect(await outcome(`{"name":"${'x'.repeat(300_000)}"}`)).toEqual({ status: 400, code: 'REQUEST_INVALID' });
  });

  test('with a finding for each of thousands of items is answered with the first hundred', async () => {
    const nodes = Array.from({ length: 20_000 }, () => 0);
    const { status, body } = await user.call('POST', '/api/workflows', {
      body: { name: 'x', data: { nodes, edges: [] } },
    });
    expect({ status, code: body.code, findings: body.errors.length }).toEqual({
      status: 400,
      code: 'REQUEST_INVALID',
      findings: 100,
    });
  });

  test('with bytes that are no UTF-8, or a key given twice, is refused', async () => {
    const bytes = new Uint8Array([
      ...new TextEncoder().encode('{"name":"'),
      0xc3,
      0x28,
      ...new TextEncoder().encode('"}'),
    ]);
    expect(await refusal(bytes)).toEqual({ status: 400, code: 'BAD_JSON' });
    expect(await refusal('{"name":"a","name":"b"}')).toEqual({ status: 400, code: 'BAD_JSON' });
  });

  test.each([
    ['["'.repeat(1), 'BAD_JSON', 400],
    ['['.repeat(100_000), 'JSON_TOO_DEEP', 400],
    ['{"name":"a\\u0000b"}', 'INVALID_TEXT', 422],
    ['{"name":"x","__proto__":{}}', 'FORBIDDEN_KEY', 400],
    ['{"name":"x","data":{"nodes":[],"edges":[]},"userId":"u","role":"owner"}', 'FIELD_UNKNOWN', 400],
    ['{"name":5,"data":null}', 'REQUEST_INVALID', 400],
    ['[]', 'REQUEST_INVALID', 400],
    ['', 'REQUEST_INVALID', 400],
  ])('like %s is refused with its own code', async (raw, code, status) => {
    expect(await refusal(raw)).toEqual({ status, code });
  });

  test('in JSON format hurts nobody else: a graph of 20,000 keys is judged while others are served', async () => {
    const nodes = Array.from({ length: 4_000 }, (_, i) => ({ id: `n${i}`, type: 'text', data: { text: 'x' } }));
    const heavy = Promise.all(
      Array.from({ length: 5 }, () =>
        user.call('POST', '/api/workflows', { body: { name: 'x', data: { nodes, edges: [] } } }),
      ),
    );
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    for (const answer of await heavy) expect(answer.body.code).toBe('GRAPH_TOO_LARGE');
  });

  test('or query with U+0000 is refused, and SQL in a search is only text', async () => {
    expect((await user.call('GET', '/api/workflows?search=%00')).body.code).toBe('INVALID_TEXT');
    const answer = await user.call('GET', `/api/workflows?search=${encodeURIComponent("'; drop table users; --%_\\")}`);
    expect(answer).toMatchObject({ status: 200, body: { items: [], nextCursor: null } });
  });

  test('in headers larger than 16 KB is answered 431', async () => {
    const answer = await rawRequest(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('that is no HTTP at all is answered 400 and cut', async () => {
    expect(await rawRequest('HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('an unknown address', () => {
  test.each([
    ['GET', '/api/nothing', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/api/workflows/%zz', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/api/../api/nothing', 404, 'ROUTE_NOT_FOUND'],
    ['PATCH', '/api/workflows', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/api/node-types', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/api/workflows/abc', 404, 'WORKFLOW_NOT_FOUND'],
    ['GET', '/api/workflows/99999999999', 404, 'WORKFLOW_NOT_FOUND'],
    ['GET', '/api/runs/1', 404, 'RUN_NOT_FOUND'],
  ])('%s %s is answered %i %s', async (method, path, status, code) => {
    const answer = await user.call(method, path);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  });

  test('names the methods that an address has', async () => {
    expect((await user.call('PATCH', '/api/workflows')).headers.get('allow')).toBe('GET, POST, HEAD');
  });

  test('does not take another method by a header', async () => {
    const answer = await user.call('POST', '/api/keys', {
      body: { name: 'k' },
      headers: { 'x-http-method-override': 'DELETE' },
    });
    expect(answer.status).toBe(201);
  });
});

function rawRequest(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = net.connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.on('close', () => resolve(received)).on('error', reject);
  });
}
