import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { createApiClient } from './client.ts';
import { readAnswer } from './read-answer.ts';

const schema = z.object({ id: z.number() });
const page = '<!doctype html><html><title>Sign in</title></html>';
const html = (status: number, text = page) => ({ status, contentType: 'text/html; charset=utf-8', text });
const json = (status: number, body: unknown) => ({
  status,
  contentType: 'application/json; charset=utf-8',
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const problem = {
  type: 'urn:heddle:error:RUN_NOT_FOUND',
  title: 'Run not found',
  status: 404,
  detail: 'There is no run x.',
  instance: '/api/runs/x',
  code: 'RUN_NOT_FOUND',
  requestId: 'r1',
};

function errorOf(read: () => unknown): ApiError {
  try {
    read();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('It was read.');
}

describe('an answer', () => {
  test('of Heddle is read, and so is what it refuses', () => {
    expect(readAnswer(json(200, { id: 5 }), schema)).toEqual({ id: 5 });
    expect(readAnswer({ status: 204, contentType: null, text: '' }, z.unknown())).toBeUndefined();
    const refused = errorOf(() =>
      readAnswer({ ...json(404, problem), contentType: 'application/problem+json' }, schema),
    );
    expect(refused).toMatchObject({ status: 404, code: 'RUN_NOT_FOUND', message: 'There is no run x.' });
    expect(refused.problem).not.toBeNull();
  });

  test.each([
    ['C18: a page of a sign-in proxy in place of the answer', html(200), 0, 'answered with a page of its own'],
    ['C18: the same as the answer to an upload', html(201), 0, 'sign in there'],
    ['C18: a redirect that was not followed', { status: 0, contentType: null, text: '' }, 0, 'redirected this request'],
    ['C18: nothing at all', { status: 200, contentType: null, text: '' }, 0, 'in front of Heddle'],
    ['C18: plain text', { status: 200, contentType: 'text/plain', text: 'OK' }, 0, 'in front of Heddle'],
    ['C19: 413 with a page', html(413), 413, 'too large for the proxy in front of the server'],
    ['C19: 413 with nothing', { status: 413, contentType: null, text: '' }, 413, 'too large for the proxy'],
    ['C19: 413 in JSON of somebody else', json(413, { message: 'Too Large' }), 413, 'too large for the proxy'],
    ['C19: 502', html(502), 502, 'gets no response from it'],
    ['C19: 503', html(503), 503, 'no server available'],
    ['C19: 504', html(504), 504, 'in time'],
    ['C19: 429', html(429), 429, 'too many requests'],
    ['C19: 401 of a password of its own', html(401), 0, 'requires its own sign-in'],
    ['C19: 403', html(403), 0, 'blocked this request'],
    ['C19: 404', html(404), 0, 'does not forward this path'],
    ['C19: 407', html(407), 0, 'proxy requires its own sign-in'],
    ['C19: 511 of a captive portal', html(511), 0, 'network wants you to sign in'],
    ['C19: a status that nobody knows', html(599), 0, 'status 599'],
  ])('says in words that it came from something in front: %s', (_, answer, status, words) => {
    const error = errorOf(() => readAnswer(answer, schema));
    expect(error).toMatchObject({ status, code: 'NOT_FROM_HEDDLE', problem: null });
    expect(error.message).toContain(words);
  });

  test('that broke off, or that is of another version, says so', () => {
    expect(errorOf(() => readAnswer(json(200, '{"id": 5'), schema))).toMatchObject({
      code: 'ANSWER_INCOMPLETE',
      status: 0,
    });
    expect(errorOf(() => readAnswer(json(200, ''), schema))).toMatchObject({ code: 'ANSWER_INCOMPLETE' });
    const other = errorOf(() => readAnswer(json(200, { id: 'five' }), schema));
    expect(other).toMatchObject({ code: 'ANSWER_UNREADABLE' });
    expect(other.message).toContain('reload the page');
  });
});

describe('a request of the app', () => {
  function clientOf(response: () => Promise<Response>) {
    const seen: RequestInit[] = [];
    let signedOut = 0;
    const client = createApiClient({
      fetch: (_, init) => {
        seen.push(init ?? {});
        return response();
      },
      createId: () => 'id',
      accessToken: () => Promise.resolve(null),
      onSignedOut: () => (signedOut += 1),
    });
    return { client, seen, signedOut: () => signedOut };
  }
  const answering = (status: number, contentType: string, text: string) => () =>
    Promise.resolve(new Response(text, { status, headers: { 'content-type': contentType } }));

  test('C18: that a sign-in proxy refuses does not lead to the sign-in page here', async () => {
    const foreign = clientOf(answering(401, 'text/html', page));
    await expect(foreign.client.me()).rejects.toMatchObject({ code: 'NOT_FROM_HEDDLE' });
    expect(foreign.signedOut()).toBe(0);
    expect(foreign.seen[0]).toMatchObject({ redirect: 'manual' });
    const own = clientOf(
      answering(401, 'application/problem+json', JSON.stringify({ ...problem, status: 401, code: 'AUTH_REQUIRED' })),
    );
    await expect(own.client.me()).rejects.toMatchObject({ code: 'AUTH_REQUIRED' });
    expect(own.signedOut()).toBe(1);
  });

  test('C18: whose answer breaks off on the way is a lost connection, not a success', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('{"id"'));
        controller.error(new Error('reset'));
      },
    });
    const cut = clientOf(() =>
      Promise.resolve(new Response(body, { headers: { 'content-type': 'application/json' } })),
    );
    await expect(cut.client.me()).rejects.toMatchObject({ status: 0, code: 'NETWORK' });
  });
});
