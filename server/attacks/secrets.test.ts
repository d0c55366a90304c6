import { Redis } from 'ioredis';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientMessages } from '../../core/events/run-event.ts';
import { describeOnBothQueues } from '../../testing/engine.ts';
import { startFakeGemini } from '../../testing/fake-gemini.ts';
import type { FakeModelServer } from '../../testing/fake-model-server.ts';
import { startFakeOpenAi } from '../../testing/fake-openai.ts';
import { nodeOf } from '../../testing/graphs.ts';
import {
  createTestInstallation,
  probedPrograms,
  type InstalledServer,
  type TestInstallation,
} from '../../testing/installation.ts';
import type { ProjectProcess } from '../../testing/processes.ts';
import { startRecordingServer, type RecordedRequest, type RecordingServer } from '../../testing/recording-server.ts';

/** The installation's key, a user's own key, and the user's password. */
const shared = 'canary-shared-4f1c9ab27d';
const own = 'canary-own-8e02d7715b';
const password = 'canary-password-c4471e90';
const canary = /canary-(?:shared|own|password)|Y2FuYXJ5/;

/* Puts secrets everywhere a careless program would let them through, then looks for them everywhere. */
describeOnBothQueues('attack 20: secrets', (kind) => {
  let gemini: FakeModelServer;
  let openai: FakeModelServer;
  let service: RecordingServer;
  let installation: TestInstallation;
  let server: InstalledServer;
  let worker: ProjectProcess;
  let cookie = '';
  /** Everything that the API answered, and that a live connection heard. */
  const answers: string[] = [];
  const events: string[] = [];
  let live: Socket;

  beforeAll(async () => {
    [gemini, openai] = await Promise.all([startFakeGemini({ apiKey: shared }), startFakeOpenAi({ apiKey: own })]);
    service = await startRecordingServer();
    installation = await createTestInstallation(
      kind,
      {
        GEMINI_API_KEY: shared,
        GEMINI_BASE_URL: gemini.url,
        SECRETS_KEY: 'canary-shared-key-of-the-secret-box',
        FETCH_ALLOW: [openai, service].map(({ url }) => new URL(url).host).join(','),
        LOG_LEVEL: 'trace',
      },
      probedPrograms,
    );
    [server, worker] = await Promise.all([
      installation.startServer({ BOOTSTRAP_PASSWORD: password }),
      installation.startWorker(),
    ]);
    const signedIn = await call('POST', '/api/auth/sign-in', { email: 'owner@example.org', password });
    expect(signedIn.status).toBe(200);
    cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    live = io(server.url, { transports: ['websocket'], extraHeaders: { cookie } });
    live.onAny((name, ...payload) => events.push(JSON.stringify([name, ...payload])));
    await new Promise<void>((resolve, reject) => {
      live.once('connect', resolve).once('connect_error', reject);
    });
  });
  afterAll(async () => {
    live.disconnect();
    await installation.stop();
    await Promise.all([gemini.stop(), openai.stop(), service.stop()]);
  });

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(server.url + path, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    answers.push(text, JSON.stringify([...answer.headers].filter(([name]) => name !== 'set-cookie')));
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : null,
    };
  }

  async function runOf(node: ReturnType<typeof nodeOf>) {
    const id = await server.api.createWorkflow({ nodes: [node], edges: [] });
    expect(await live.timeout(60_000).emitWithAck(clientMessages.workflowSubscribe, { workflowId: id })).toEqual({
      ok: true,
    });
    return server.api.finished(await server.api.start(id));
  }

  const ask = (model: string) => nodeOf('ask', 'llm', { model, userMessage: 'hello' });

  test('a key of one’s own is saved once, shown never, used by nodes, and bound to its address', async () => {
    const saved = await call('PUT', '/api/provider-keys/openai', { key: own, baseUrl: openai.url });
    expect(saved).toMatchObject({
      status: 200,
      body: {
        available: true,
        items: [
          { provider: 'gemini', isSet: false },
          { provider: 'openai', isSet: true },
        ],
      },
    });
    expect((await runOf(ask('openai/fake-model'))).status).toBe('COMPLETED');
    const direct = await call('POST', '/api/llm/execute', { model: 'openai/fake-model', userMessage: 'hello' });
    expect(direct).toMatchObject({ status: 200, body: { provider: 'openai' } });
    expect(openai.prompts).toHaveLength(2);

    // Somebody who can write to the database cannot send the key elsewhere.
    await installation.pool.query(`update provider_keys set base_url = 'http://127.0.0.2:1/v1'`);
    const moved = await runOf(ask('openai/fake-model'));
    expect(moved.nodeExecutions[0]).toMatchObject({ status: 'FAILED', errorCode: 'PROVIDER_NOT_CONFIGURED' });
    const movedDirect = await call('POST', '/api/llm/execute', { model: 'openai/fake-model', userMessage: 'hello' });
    expect(movedDirect.body.code).toBe('PROVIDER_NOT_CONFIGURED');
    await installation.pool.query(`update provider_keys set base_url = $1`, [openai.url]);
  });

  test('an address that nothing may be sent to is refused before the key is kept', async () => {
    for (const [baseUrl, code] of [
      ['http://127.0.0.1:9/v1', 'URL_NOT_ALLOWED'],
      ['http://169.254.169.254/v1', 'URL_NOT_ALLOWED'],
      ['file:///etc/passwd', 'URL_SCHEME'],
      [`https://user:${own}@api.example.com`, 'URL_INVALID'],
    ] as const) {
      const refused = await call('PUT', '/api/provider-keys/openai', { key: own, baseUrl });
      expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 422, code });
    }
  });

  test('a secret that a node sends to a service which repeats it in everything it says', async () => {
    const value = `${own} & "more"`;
    const body = { value, hosts: [new URL(service.url).host] };
    expect((await call('PUT', '/api/secrets/TOKEN', body)).status).toBe(200);
    const repeat = ({ path, headers, body: sent }: RecordedRequest) =>
      JSON.stringify({ path, headers, sent: String(sent) });
    for (const [status, type, written] of [
      [200, 'application/json', repeat],
      [
        400,
        'application/json',
        (request: RecordedRequest) => `{"message":${JSON.stringify('x'.repeat(280) + repeat(request))}}`,
      ],
      [200, 'text/plain', repeat],
      [200, 'text/plain', (request: RecordedRequest) => `no JSON: ${repeat(request)}`],
    ] as const) {
      service.replies((response, request) => {
        response.writeHead(status, { 'content-type': type, 'x-repeated': String(request.headers['authorization']) });
        response.end(written(request));
      });
      const data = {
        url: `${service.url}/{{secret.TOKEN}}`,
        method: 'POST',
        bodyType: 'json',
        body: '{ "token": "{{secret.TOKEN}}" }',
        auth: 'bearer',
        secret: 'TOKEN',
      };
      const run = await runOf(nodeOf('call', 'http', data));
      expect(['COMPLETED', 'FAILED']).toContain(run.status);
    }
    expect(service.requests.map(({ headers }) => headers['authorization'])).toEqual(
      Array.from({ length: 4 }, () => `Bearer ${value}`),
    );
  });

  test('providers that repeat the key, in errors, streams and answers that are none', async () => {
    gemini.script({ kind: 'error', status: 400, message: `bad key ${shared} at https://x/?key=${shared}` });
    gemini.script({ kind: 'events', events: [{ error: { code: 400, message: `no: ${shared}` } }] });
    openai.script({ kind: 'error', status: 400, message: `Incorrect API key provided: ${own}.` });
    openai.script({ kind: 'error', status: 401, message: `Authorization: Bearer ${own}` });
    for (const model of ['gemini-fake', 'gemini-fake', 'openai/fake-model', 'openai/fake-model']) {
      expect((await runOf(ask(model))).status).toBe('FAILED');
    }
    openai.script({ kind: 'error', status: 400, message: `Incorrect API key provided: ${own}.` });
    openai.script({ kind: 'events', events: [{ error: { message: `no: ${own}` } }] });
    for (const accept of ['application/json', 'text/event-stream']) {
      const body = { model: 'openai/fake-model', userMessage: 'hello' };
      expect((await call('POST', '/api/llm/execute', body, { accept })).text).toContain('PROVIDER_');
    }
    expect(openai.prompts).toHaveLength(6);
    gemini.script({ kind: 'raw', status: 400, body: `<h1>${shared}</h1>` });
    await call('POST', '/api/llm/execute', { model: 'gemini-fake', userMessage: 'hello' });
    gemini.script({ kind: 'error', status: 403, message: `key ${shared} is not allowed` });
    await call(
      'POST',
      '/api/llm/execute',
      { model: 'gemini-fake', userMessage: 'hello' },
      { accept: 'text/event-stream' },
    );
  });

  test('a program error whose message and stack hold a key', async () => {
    const failed = await runOf(
      nodeOf('boom', 'probe', { name: 'x', throws: `at ${shared}`.split('').toReversed().join('') }),
    );
    expect(failed.nodeExecutions[0]).toMatchObject({ status: 'FAILED', errorCode: 'INTERNAL' });
    expect(failed.nodeExecutions[0]!.error).toContain('[secret]');
  });

  test('a key in the config of a node is refused, so that no copy or export of the workflow holds it', async () => {
    const forms = [`AIza${'x'.repeat(35)}`, `sk-${'y'.repeat(30)}`, `hdl_${'z'.repeat(43)}`];
    for (const key of forms) {
      const graph = { nodes: [nodeOf('t', 'text', { text: `my key is ${key}` })], edges: [] };
      const refused = await call('POST', '/api/workflows', { name: 'w', data: graph });
      expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 422, code: 'SECRET_IN_GRAPH' });
    }
  });

  test('keys in queries, headers, cookies, paths and ids of requests', async () => {
    await call('GET', `/api/workflows?search=${shared}&token=${own}`);
    await call('GET', `/api/workflows?token=${shared}`);
    await call('GET', '/api/me', undefined, { authorization: `Bearer ${own}`, 'x-api-key': shared });
    await call('GET', '/api/me', undefined, { cookie: `heddle_session=${shared}`, referer: `https://a/?key=${own}` });
    await call('GET', '/api/me', undefined, { 'user-agent': own });
    await call('POST', '/api/auth/sign-in', { email: 'owner@example.org', password: `${password}-wrong` });
    await call('PUT', '/api/provider-keys/gemini', { key: shared, baseUrl: `https://x.example/?key=${own}` });
  });

  /*
   * Whoever sends a secret knows it; whoever guesses must not learn from the answer whether it is one. So nothing that
   * comes back depends on it: each request is sent with a secret of the installation and with a word of the same length.
   */
  describe('security case 1: an answer does not depend on whether what was sent is a secret', () => {
    const graphOf = (text: string) => ({ nodes: [nodeOf('t', 'text', { text })], edges: [] });
    const sends: Record<string, (word: string) => ReturnType<typeof fetch>> = {
      'the id of a request': (word) => fetch(`${server.url}/healthz`, { headers: { 'x-request-id': word } }),
      'the id of a request, and the path': (word) =>
        fetch(`${server.url}/api/${word}`, { headers: { 'x-request-id': word } }),
      'an id in a path': (word) => fetch(`${server.url}/api/runs/${word}`, { headers: { cookie } }),
      'a member': (word) => send('DELETE', `/api/members/${word}`),
      'a method that a path does not take': (word) => send('DELETE', `/api/workflows?x=${word}`),
      'an unknown parameter': (word) => send('GET', `/api/workflows?${word}=1`),
      'an unknown field': (word) => send('POST', '/api/workflows', { [word]: 1 }),
      'a field deep in a body': (word) =>
        send('POST', '/api/workflows', { name: 'n', data: { nodes: [{ [word]: 1 }] } }),
      'a model': (word) => send('POST', '/api/llm/execute', { model: word, userMessage: 'hi' }),
      'a model, in a stream': (word) =>
        send('POST', '/api/llm/execute', {
          model: `gemini/${word}`,
          userMessage: 'hi',
          images: [`http://${word}.invalid/`],
        }),
      'the text of a node': (word) => send('POST', '/api/workflows', { name: 'n', data: graphOf(word) }),
      'the type of a node': (word) =>
        send('POST', '/api/workflows', { name: 'n', data: { nodes: [nodeOf('t', word, {})], edges: [] } }),
      'the id of a node': (word) =>
        send('POST', '/api/workflows', { name: 'n', data: { nodes: [nodeOf(word, 'text', { text: 1 })], edges: [] } }),
      'an address in a node': (word) =>
        send('POST', '/api/workflows', {
          name: 'n',
          data: {
            nodes: [nodeOf('i', 'image', { file: { url: `ftp://${word}/x`, name: 'x', type: 'image/png' } })],
            edges: [],
          },
        }),
      'the base address of a key': (word) =>
        send('PUT', '/api/provider-keys/openai', { key: 'some-key-of-mine', baseUrl: `https://${word}@x.example` }),
    };

    function send(method: string, path: string, body?: unknown) {
      const headers = { cookie, 'content-type': 'application/json' };
      return fetch(server.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    }

    /** The answer with the word that was sent, and whatever changes by itself, taken out. */
    async function answerTo(what: string, word: string) {
      const answer = await sends[what]!(word);
      const headers = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
      const id = answer.headers.get('x-request-id') === word ? 'as sent' : 'made here';
      const text = (await answer.text())
        .replaceAll(word, 'WORD')
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|"id":\d+|\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'ID');
      return { status: answer.status, id, headers, text };
    }

    test.each(Object.keys(sends))('%s', async (what) => {
      // A person's password is not written into paths: those are logged, and it is not taken out by its value.
      const secrets = what === 'the id of a request' ? [password] : [];
      for (const secret of [...secrets, shared, 'canary-shared-key-of-the-secret-box']) {
        const other = secret.replaceAll(/[a-z]/g, 'q');
        const [right, wrong] = [await answerTo(what, secret), await answerTo(what, other)];
        const lengths = (answer: typeof right) => ({
          ...answer,
          headers: answer.headers.filter(([name]) => name !== 'content-length' && name !== 'location'),
        });
        expect(lengths(right)).toEqual(lengths(wrong));
      }
    });

    test('nor does the error of a node that repeats the words of its user', async () => {
      const failed = await Promise.all(
        [shared, shared.replaceAll(/[a-z]/g, 'q')].map(async (word) => {
          const run = await runOf(ask(`gemini/${word}`));
          return run.nodeExecutions[0]!.error?.replaceAll(word, 'WORD');
        }),
      );
      expect(failed[0]).toBe(failed[1]);
    });

    // What was sent here is meant to be kept as it is: it goes before everything is searched.
    let before = 0;
    beforeAll(async () => {
      const { rows } = await installation.pool.query<{ id: number }>('select max(id) as id from workflows');
      before = rows[0]!.id;
    });
    afterAll(async () => {
      // What was spent stays when its workflow goes, with the name of the model that was asked for; direct calls have none.
      await installation.pool.query('delete from model_calls where workflow_id > $1 or workflow_id is null', [before]);
      await installation.pool.query('delete from workflows where id > $1', [before]);
    });
  });

  describe('are then found', () => {
    test('in no answer, event or export', async () => {
      const runs = await call('GET', '/api/runs?limit=100');
      for (const { id, workflowId } of runs.body.items as { id: string; workflowId: number }[]) {
        await call('GET', `/api/runs/${id}`);
        await call('GET', `/api/runs/${id}/events`);
        await call('GET', `/api/workflows/${workflowId}/export`);
        await call('GET', `/api/runs/${id}/export`);
      }
      for (const path of [
        '/api/provider-keys',
        '/api/secrets',
        '/api/models',
        '/api/keys',
        '/api/admin/audit',
        '/api/config',
      ]) {
        expect((await call('GET', path)).status).toBe(200);
      }
      expect(answers.length).toBeGreaterThan(60);
      expect(answers.filter((text) => canary.test(text))).toEqual([]);
    });

    test('in no live event', () => {
      expect(events.length).toBeGreaterThan(20);
      expect(events.filter((text) => canary.test(text))).toEqual([]);
    });

    test('in no log', () => {
      const lines = `${server.process.output()}\n${worker.output()}`.split('\n');
      expect(lines.length).toBeGreaterThan(20);
      expect(lines.filter((line) => canary.test(line))).toEqual([]);
    });

    test('in no table', async () => {
      const { rows: tables } = await installation.pool.query<{ name: string }>(
        `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
          where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
      );
      expect(tables.length).toBeGreaterThan(15);
      const found: string[] = [];
      for (const { name } of tables) {
        const { rows } = await installation.pool.query<{ row: string }>(`select t::text as row from ${name} t`);
        for (const { row } of rows) {
          // Bytes are printed in hex.
          const bytes = row.replaceAll(/\\x[0-9a-f]+/g, (hex) => Buffer.from(hex.slice(2), 'hex').toString('latin1'));
          if (canary.test(row) || canary.test(bytes)) found.push(`${name}: ${row}`);
        }
      }
      expect(found).toEqual([]);
    });

    test('in no key of Redis', async () => {
      if (installation.redis === null) return;
      const redis = new Redis(installation.redis.url);
      try {
        const found: string[] = [];
        for await (const keys of redis.scanStream({ match: `${installation.redis.prefix}*` }) as AsyncIterable<
          string[]
        >) {
          for (const key of keys) {
            const dump = (await redis.dumpBuffer(key))?.toString('latin1') ?? '';
            if (canary.test(key) || canary.test(dump)) found.push(key);
          }
        }
        expect(found).toEqual([]);
      } finally {
        redis.disconnect();
      }
    });
  });
});
