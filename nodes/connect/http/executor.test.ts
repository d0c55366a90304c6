import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { httpNode } from './definition.ts';
import { httpExecutor } from './executor.ts';

/* 127.0.0.2 and 127.0.0.3 play services that the operator allows; 127.0.0.1 stays private. */

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const token = 'a secret token of 31 characters';
let runs: NodeRuns;
let server: Server;
let other: Server;
let port: number;
let seen: Seen[];
let answer: RequestListener;

async function listen(host: string, onPort: number): Promise<Server> {
  const started = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks) });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    started.once('error', reject).listen(onPort, host, resolve);
  });
  return started;
}

beforeAll(async () => {
  server = await listen('127.0.0.2', 0);
  port = (server.address() as AddressInfo).port;
  other = await listen('127.0.0.3', port);
  runs = await startNodeRuns({
    allow: ['127.0.0.2', '127.0.0.3'],
    secrets: {
      TOKEN: { value: token, hosts: [`127.0.0.2:${port}`] },
      SLASHED: { value: 'one/secret/with+slashes', hosts: [`127.0.0.2:${port}`] },
      ELSEWHERE: { value: 'another secret', hosts: ['api.example.com'] },
    },
  });
});
beforeEach(() => {
  seen = [];
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
});
afterAll(async () => {
  for (const each of [server, other]) {
    each.closeAllConnections();
    await new Promise((resolve) => each.close(resolve));
  }
  await runs.stop();
});

const at = (path: string, host = '127.0.0.2') => `http://${host}:${port}${path}`;
const run = (data: object, inputs = {}) => runs.run(httpExecutor, data, inputs);
const replying = (status: number, headers: Record<string, string> = {}, body = ''): RequestListener => {
  return (_request, response) => void response.writeHead(status, headers).end(body);
};

describe('an HTTP node', () => {
  test('asks with its query and headers, and gives the answer, its status and its headers', async () => {
    answer = replying(201, { 'x-kind': 'test', 'set-cookie': 'session=1' }, '{"id":7}');
    const outputs = await run(
      { url: at('/items/{{id}}?a=1'), query: 'q={{query}}\nlimit=10', headers: 'X-Tag: {{tag}}' },
      { id: 'a/b', query: 'x & y', tag: 5 },
    );
    expect(outputs).toEqual({
      output: { id: 7 },
      status: 201,
      headers: expect.objectContaining({ 'x-kind': 'test' }),
    });
    expect(outputs['headers']).not.toHaveProperty('set-cookie');
    expect(seen).toMatchObject([
      { method: 'GET', url: '/items/a%2Fb?a=1&q=x+%26+y&limit=10', headers: { 'x-tag': '5', 'user-agent': 'Heddle' } },
    ]);
  });

  test('sends JSON in which a place alone keeps its type and a value cannot break out of its text', async () => {
    const body = '{ "count": "{{n}}", "list": "{{list}}", "text": "say {{text}}!" }';
    await run(
      { url: at('/'), method: 'POST', bodyType: 'json', body },
      { n: 3, list: [1, { a: 2 }], text: '"}, {"admin": true' },
    );
    expect(JSON.parse(String(seen[0]?.body))).toEqual({
      count: 3,
      list: [1, { a: 2 }],
      text: 'say "}, {"admin": true!',
    });
    expect(seen[0]?.headers['content-type']).toBe('application/json');
  });

  test('sends forms, and files in forms or as they are', async () => {
    const picture = await makePicture('png', 4, 3);
    const photo = await runs.assetOf(picture);
    const post = { url: at('/'), method: 'POST' };
    await run({ ...post, bodyType: 'form', body: 'name={{name}}\nkind=x=y' }, { name: 'Ä & B' });
    expect(String(seen[0]?.body)).toBe('name=%C3%84+%26+B&kind=x%3Dy');
    await run({ ...post, bodyType: 'multipart', body: 'title={{name}}\nimage={{photo}}' }, { name: 'me', photo });
    const form = await new Response(new Uint8Array(seen[1]!.body), {
      headers: { 'content-type': seen[1]!.headers['content-type']! },
    }).formData();
    expect(form.get('title')).toBe('me');
    const file = form.get('image') as File;
    expect([file.name, file.type]).toEqual(['image.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(await readFile(picture));
    await run({ ...post, bodyType: 'file' }, { file: photo });
    expect(seen[2]).toMatchObject({ headers: { 'content-type': 'image/png', 'content-length': String(photo.bytes) } });
    expect(seen[2]?.body).toEqual(await readFile(picture));
  });

  test('keeps a file that is answered, if it is of the kind that was asked for', async () => {
    const picture = await readFile(await makePicture('png', 5, 4));
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(picture);
    const { output } = await run({ url: at('/a.png'), answer: 'image' });
    expect(output).toMatchObject({ mimeType: 'image/png', width: 5, height: 4 });
    expect(await readFile(await runs.fileOf(output))).toEqual(picture);
    await expect(run({ url: at('/a.png'), answer: 'video' })).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });

  test('gives text by its character set, and refuses what is not JSON or too long', async () => {
    answer = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1' })
        .end(Buffer.from('<p>\xe9', 'latin1'));
    expect(await run({ url: at('/'), answer: 'text' })).toMatchObject({ output: '<p>é' });
    await expect(run({ url: at('/') })).rejects.toMatchObject({
      code: 'HTTP_ANSWER_INVALID',
      message: expect.stringContaining('“<p>é”'),
    });
    answer = replying(200, {}, 'x'.repeat(300_000));
    await expect(run({ url: at('/'), answer: 'text' })).rejects.toMatchObject({ code: 'NODE_OUTPUT_TOO_LARGE' });
  });

  test('gives nothing where nothing was answered', async () => {
    answer = replying(204);
    expect(await run({ url: at('/'), method: 'DELETE' })).toMatchObject({ output: null, status: 204 });
  });
});

describe('the failures of an HTTP node', () => {
  test.each([
    ['GET', 500, 'RetryableError'],
    ['PUT', 502, 'RetryableError'],
    ['POST', 500, 'TerminalError'],
    ['POST', 429, 'RetryableError'],
    ['PATCH', 404, 'TerminalError'],
    ['GET', 404, 'TerminalError'],
  ])('%s that is answered with %i is a %s', async (method, status, name) => {
    answer = replying(status, { 'retry-after': '3', 'content-type': 'application/json' }, '{"message":"too bad"}');
    await expect(run({ url: at('/'), method })).rejects.toMatchObject({
      name,
      code: 'HTTP_FAILED',
      message: expect.stringContaining('“too bad”'),
      ...(name === 'RetryableError' && { retryAfterMs: 3_000 }),
    });
  });

  test('a POST may be repeated where its author says so, under one key; nothing is where the author forbids it', async () => {
    answer = replying(500);
    const always = run({ url: at('/'), method: 'POST', repeat: 'always' });
    await expect(always).rejects.toMatchObject({ name: 'RetryableError' });
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    await expect(run({ url: at('/'), repeat: 'never' })).rejects.toMatchObject({ name: 'TerminalError' });
    const nobody = at('/', '127.0.0.2').replace(String(port), '1');
    await expect(run({ url: nobody, method: 'POST' })).rejects.toMatchObject({ name: 'RetryableError' });
    await expect(run({ url: nobody, repeat: 'never' })).rejects.toMatchObject({ name: 'TerminalError' });
  });

  test('a connection that breaks after a POST was sent is not tried again', async () => {
    answer = (request) => void request.socket.destroy();
    await expect(run({ url: at('/'), method: 'POST' })).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'HTTP_FAILED',
      message: expect.stringContaining('not known'),
    });
    await expect(run({ url: at('/') })).rejects.toMatchObject({ name: 'RetryableError', code: 'HTTP_FAILED' });
  });

  test('a body that breaks off is no file', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('abc');
      setImmediate(() => response.destroy());
    };
    await expect(run({ url: at('/'), answer: 'file' })).rejects.toMatchObject({ code: 'HTTP_FAILED' });
  });

  test('silence ends with the time limit', async () => {
    answer = () => {};
    await expect(run({ url: at('/'), timeLimit: 1 })).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'HTTP_TIMEOUT',
    });
  });

  test('an error answer is an answer where the author says so', async () => {
    answer = replying(418, { 'content-type': 'text/plain' }, 'a teapot');
    const data = { url: at('/'), failOnError: false };
    expect(await run(data)).toMatchObject({ output: 'a teapot', status: 418 });
    expect(await run({ ...data, answer: 'image' })).toMatchObject({ output: null, status: 418 });
  });

  test('private addresses are refused, also behind a redirect', async () => {
    await expect(run({ url: at('/', '127.0.0.1') })).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
    answer = replying(302, { location: at('/', '127.0.0.1') });
    await expect(run({ url: at('/') })).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
  });
});

describe('redirects of an HTTP node', () => {
  const redirecting = (status: number, location: string) => {
    answer = (request, response) =>
      request.url === '/' ? response.writeHead(status, { location }).end() : response.end('{}');
  };

  test.each([
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'hello'],
    [308, 'POST', 'hello'],
  ])('after a POST that is answered with %i is a %s', async (status, method, body) => {
    redirecting(status, at('/next'));
    await run({ url: at('/'), method: 'POST', bodyType: 'text', body: 'hello' });
    expect(seen[1]).toMatchObject({ method, url: '/next' });
    expect(String(seen[1]?.body)).toBe(body);
  });

  test('to another host lose what was for the first', async () => {
    redirecting(307, at('/next', '127.0.0.3'));
    await run({ url: at('/'), headers: 'Authorization: Bearer own\nX-Tag: 1' });
    expect(seen[0]?.headers['authorization']).toBe('Bearer own');
    expect(seen[1]?.headers).toMatchObject({ 'x-tag': '1' });
    expect(seen[1]?.headers).not.toHaveProperty('authorization');
  });
});

describe('secrets of an HTTP node', () => {
  test.each([
    [{ auth: 'bearer', secret: 'TOKEN' }, 'authorization', `Bearer ${token}`],
    [{ auth: 'basic', user: 'me', secret: 'TOKEN' }, 'authorization', `Basic ${btoa(`me:${token}`)}`],
    [{ auth: 'header', keyHeader: 'X-Own', secret: 'TOKEN' }, 'x-own', token],
    [{ headers: 'X-Own: key {{secret.TOKEN}}' }, 'x-own', `key ${token}`],
  ])('are sent as %j', async (data, header, value) => {
    await run({ url: at('/'), ...data });
    expect(seen[0]?.headers[header]).toBe(value);
  });

  test('stand in a body and an address, and never in what is answered', async () => {
    answer = (request, response) => {
      const { url = '', headers } = request;
      response.writeHead(200, { 'x-echo': String(headers['authorization']) });
      response.end(JSON.stringify({ url, headers, body: String(seen.at(-1)?.body) }));
    };
    const outputs = await run({
      url: at('/bot{{secret.TOKEN}}/send'),
      method: 'POST',
      bodyType: 'json',
      body: '{ "token": "{{secret.TOKEN}}" }',
      auth: 'basic',
      user: 'me',
      secret: 'TOKEN',
    });
    expect(seen[0]?.url).toBe(`/bot${encodeURIComponent(token)}/send`);
    expect(JSON.parse(String(seen[0]?.body))).toEqual({ token });
    const written = JSON.stringify(outputs);
    expect(written).toContain('[secret]');
    for (const form of [token, encodeURIComponent(token), btoa(`me:${token}`)]) expect(written).not.toContain(form);
  });

  test('are not in an answer that writes slashes in its own way', async () => {
    answer = (_request, response) =>
      void response.end(JSON.stringify({ key: 'one/secret/with+slashes' }).replaceAll('/', '\\/'));
    const outputs = await run({ url: at('/'), auth: 'bearer', secret: 'SLASHED' });
    expect(outputs['output']).toEqual({ key: '[secret]' });
  });

  test.each(['nowhere', 'x'.repeat(85)])(
    'are not in the words about an address that is none, such as %s',
    async (base) => {
      const failed = run({ url: '{{base}}/{{secret.TOKEN}}' }, { base });
      await expect(failed).rejects.toMatchObject({ code: 'URL_INVALID' });
      await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret%20') });
      await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('[sec') });
    },
  );

  test('of another host are not sent, and not along a redirect', async () => {
    const refused = { code: 'URL_NOT_ALLOWED', message: expect.stringContaining('api.example.com') };
    await expect(run({ url: at('/'), headers: 'X: {{secret.ELSEWHERE}}' })).rejects.toMatchObject(refused);
    expect(seen).toEqual([]);
    answer = replying(307, { location: at('/', '127.0.0.3') });
    await expect(run({ url: at('/'), auth: 'bearer', secret: 'TOKEN' })).rejects.toMatchObject({
      code: 'URL_NOT_ALLOWED',
    });
    expect(seen).toHaveLength(1);
  });

  test('cannot be named by a value that comes in', async () => {
    await run({ url: at('/'), headers: 'X-Tag: {{tag}}' }, { tag: '{{secret.TOKEN}}' });
    expect(seen[0]?.headers['x-tag']).toBe('{{secret.TOKEN}}');
  });
});

describe('the config of an HTTP node', () => {
  const parse = (data: object) => httpNode.configSchema.parse(data);
  const findings = (data: object) => httpNode.check?.(parse(data), new Set()) ?? [];

  test('makes an input of each name, a place for a file, and an output of the kind of the answer', () => {
    const { inputs, outputs } = httpNode.handles!(
      parse({
        url: 'https://x.example/{{id}}',
        headers: 'A: {{secret.KEY}}',
        method: 'POST',
        bodyType: 'json',
        body: `{"a": "{{text | default: 'x'}}", "b": "{{id}}"}`,
        answer: 'image',
      }),
    );
    expect(inputs.map(({ id, required }) => [id, required])).toEqual([
      ['url', true],
      ['id', true],
      ['text', false],
    ]);
    expect(outputs.map(({ id, dataType }) => [id, dataType])).toEqual([
      ['output', 'image'],
      ['status', 'number'],
      ['headers', 'json'],
    ]);
  });

  test.each([
    [{ url: '' }, 'url', 'no URL'],
    [{ url: 'https://{{url}}/' }, 'url', 'another name'],
    [{ url: 'x', headers: 'Host: y' }, 'headers', 'set by the connection'],
    [{ url: 'x', headers: 'no name' }, 'headers', 'Line 1'],
    [{ url: 'x', headers: 'A: {{secret}}' }, 'headers', 'Name the secret'],
    [{ url: 'x', query: 'just words' }, 'query', 'name=value'],
    [{ url: 'x', auth: 'bearer' }, 'secret', 'No secret'],
    [{ url: 'x', method: 'POST', bodyType: 'json', body: '{"a": {{b}}}' }, 'body', 'not JSON'],
  ])('%j is told before a run', (data, field, words) => {
    expect(findings(data)).toContainEqual({ field, message: expect.stringContaining(words) });
  });
});
