import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { createAddressRules } from './address-rules.ts';
import { createGuardedFetcher, userAgentOf } from './guarded-fetch.ts';
import { retryAfterOf } from './refusal.ts';

let folder: string;
let server: Server;
let handle: RequestListener;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-refusal-'));
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function download(path: string, userAgent?: string) {
  const { port } = server.address() as AddressInfo;
  const fetcher = createGuardedFetcher({
    rules: createAddressRules({ allow: ['127.0.0.1/32'], ports: [port] }),
    resolve: async () => ['127.0.0.1'],
    ...(userAgent !== undefined && { userAgent }),
  });
  const file = join(folder, String((count += 1)));
  const { signal } = new AbortController();
  return await fetcher.download(`http://site.example:${port}${path}`, { file, maxBytes: 1_000_000, signal });
}

async function refusal(path: string, userAgent?: string): Promise<TerminalError | RetryableError> {
  const error = await download(path, userAgent).then(
    () => new Error('It was downloaded.'),
    (reason: TerminalError) => reason,
  );
  expect(existsSync(join(folder, String(count)))).toBe(false);
  return error as TerminalError;
}

const answer =
  (status: number, contentType: string, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);

describe('C21: a download', () => {
  test('is taken by a site that wants to know who asks, once there is an address', async () => {
    handle = (request, response) => {
      const names = /\(\+(?:https?:\/\/|\S+@)\S+\)/.test(request.headers['user-agent'] ?? '');
      if (names) answer(200, 'image/png', 'picture')(request, response);
      else answer(403, 'text/plain', 'Please set a user-agent with a contact address.')(request, response);
    };
    expect(await download('/a.png', userAgentOf('1.2.3', 'https://example.org/about'))).toMatchObject({ bytes: 7 });
    expect(await download('/a.png', userAgentOf('1.2.3', 'it@example.org'))).toMatchObject({ bytes: 7 });
    const refused = await refusal('/a.png', userAgentOf('1.2.3', null));
    expect(refused).toMatchObject({ code: 'DOWNLOAD_FAILED', name: 'TerminalError' });
    expect(refused.message).toMatch(/^site\.example:\d+ answered with HTTP 403/);
    expect(refused.message).toContain('“Please set a user-agent with a contact address.”');
    expect(refused.message).toContain('FETCH_CONTACT');
  });

  test('says which program of which version asks', async () => {
    let seen: string | undefined;
    handle = (request, response) => {
      seen = request.headers['user-agent'];
      response.end('x');
    };
    await download('/', userAgentOf('1.2.3', 'https://example.org/'));
    expect(seen).toBe('Heddle/1.2.3 (+https://example.org/)');
  });

  test.each([
    [
      'a page',
      'text/html; charset=utf-8',
      '<html><head><title>403</title><style>p{}</style></head><script>let x = "<b>"</script><p>No &quot;bots&quot; &amp; no <b>links</b>.</p>',
      '403 No "bots" & no links .',
    ],
    [
      'JSON',
      'application/json',
      '{"error":{"code":7,"message":"Quota of the day is used up."}}',
      'Quota of the day is used up.',
    ],
    ['a problem document', 'application/problem+json', '{"title":"Forbidden","detail":"Ask first."}', 'Ask first.'],
    ['XML', 'application/xml', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'AccessDenied'],
    ['another charset', 'text/plain; charset=iso-8859-1', Buffer.from([0x67, 0x72, 0xfc, 0xdf]), 'grüß'],
    ['signs that cannot be seen', 'text/plain', 'a\u0000b\u202ec\r\nd\u001b[31m', 'a bc d [31m'],
    ['bytes that are no text', 'text/plain', Buffer.from([0x6f, 0x6b, 0xff, 0xfe]), 'ok'],
  ])('repeats what the site says: %s', async (_, contentType, body, words) => {
    handle = answer(403, contentType, body);
    expect((await refusal('/')).message).toContain(`“${words}”`);
  });

  test('repeats a bounded part of it, whole signs only, and nothing that is no text', async () => {
    handle = answer(404, 'text/plain', '😀'.repeat(5_000));
    const { message } = await refusal('/');
    expect(message.length).toBeLessThan(500);
    expect(message).not.toMatch(/\p{Cs}/u);
    handle = answer(404, 'image/png', 'not words');
    expect((await refusal('/')).message).toMatch(/HTTP 404 instead of a file\.$/);
    handle = answer(404, 'text/html', '');
    expect((await refusal('/')).message).toMatch(/HTTP 404 instead of a file\.$/);
  });

  test('does not repeat what the query of the address held', async () => {
    handle = (request, response) => answer(403, 'text/plain', `${request.url} has expired`)(request, response);
    const { message } = await refusal('/a.png?X-Signature=abcdef0123456789&size=1');
    expect(message).not.toContain('abcdef0123456789');
    expect(message).toContain('has expired');
  });

  test('waits as long as the site asks for', async () => {
    handle = answer(429, 'text/plain', 'Slow down.', { 'retry-after': '7' });
    const refused = await refusal('/');
    expect(refused).toMatchObject({ name: 'RetryableError', retryAfterMs: 7_000 });
    expect(refused.message).toContain('Slow down.');
    expect(retryAfterOf('Wed, 21 Oct 2015 07:28:10 GMT', () => Date.UTC(2015, 9, 21, 7, 28))).toBe(10_000);
    expect(retryAfterOf('soon')).toBeNull();
    expect(retryAfterOf(null)).toBeNull();
  });
});
