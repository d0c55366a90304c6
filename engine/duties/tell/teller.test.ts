import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { createAddressRules } from '../../../net/address-rules.ts';
import { createGuardedConnection } from '../../../net/guarded-connection.ts';
import { claimMessages } from '../../../db/callbacks/messages.ts';
import { doDuty } from '../../../testing/duties.ts';
import { createTestEngine, recordingLogger, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../../../testing/play-run.ts';
import { collectMessages } from './collect-messages.ts';
import { mostTries, sendMessages } from './send-messages.ts';
import type { TellContext } from './tell-context.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

let engine: TestEngine;
let player: RunPlayer;
let receiver: Server;
let received: Received[];
let answers: (number | { readonly status: number; readonly headers: Record<string, string> })[];
let time: Date;
beforeEach(async () => {
  engine = await createTestEngine('postgres');
  player = await createRunPlayer(engine.pool);
  [received, answers, time] = [[], [], new Date(Date.now() + 60_000)];
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      const answer = answers.shift() ?? 200;
      if (typeof answer === 'number') response.writeHead(answer).end('thanks');
      else response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await engine.stop();
});

const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`;

async function makeCallback(workflowId: number, events: readonly string[] = ['finished', 'failed']): Promise<string> {
  const id = randomUUID();
  await engine.pool.query(
    `insert into workflow_callbacks (id, workflow_id, user_id, url, events, sealed) values ($1, $2, 'user-1', $3, $4, $5)`,
    [id, workflowId, address(), events, Buffer.from(secret)],
  );
  return id;
}

function teller(overrides: Partial<TellContext> = {}) {
  const context: TellContext = {
    pool: engine.pool,
    logger: recordingLogger(),
    // The receiver of the test is on this machine, where the guarded one does not go.
    fetch: globalThis.fetch,
    secretsOf: (_id, sealed) => sealed.toString().split(' '),
    describeRun: async (_userId, id) => ({ id, outputs: { result: 'done' } }),
    describeWait: async (_userId, id) => ({ id, message: '?' }),
    answerUrlOf: async () => null,
    userAgent: 'Heddle/test',
    now: () => time,
    random: () => 0,
    ...overrides,
  };
  return {
    collect: () => doDuty(collectMessages, context),
    send: () => doDuty(sendMessages, context),
  };
}

async function messages() {
  return (await engine.pool.query('select * from callback_messages order by event')).rows;
}

async function runOf(workflow: { readonly id: number }): Promise<string> {
  const { id } = await engine.starter.start({ userId: 'user-1', triggerType: 'API', workflow });
  return id;
}

describe('the end of a run', () => {
  test('is told once, signed, whatever the number of servers', async () => {
    const workflow = await engine.createWorkflow(chainOf(1));
    await makeCallback(workflow.id);
    const other = await engine.createWorkflow(chainOf(1));
    const [done, broken, quiet] = [await runOf(workflow), await runOf(workflow), await runOf(other)];
    await runOf(workflow);
    await player.finish(done);
    await player.fail(broken, 'no luck');
    await player.finish(quiet);
    const tellers = [teller(), teller(), teller()];
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(tellers.map(({ collect }) => collect()));
      await Promise.all(tellers.map(({ send }) => send()));
    }
    const told = received.map(({ headers, body }) => new Webhook(secret).verify(body, asText(headers)));
    expect(told).toHaveLength(2);
    expect(told).toEqual(
      expect.arrayContaining([
        { type: 'run.finished', timestamp: expect.any(String), data: { id: done, outputs: { result: 'done' } } },
        { type: 'run.failed', timestamp: expect.any(String), data: expect.objectContaining({ id: broken }) },
      ]),
    );
    expect(received[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Heddle/test' });
    expect((await messages()).map(({ status, tries, answer_status: answer }) => [status, tries, answer])).toEqual([
      ['delivered', 1, 200],
      ['delivered', 1, 200],
    ]);
  });

  test('is told only to whom it may concern', async () => {
    const workflow = await engine.createWorkflow(chainOf(1));
    await makeCallback(workflow.id, ['failed']);
    const off = await makeCallback(workflow.id);
    await engine.pool.query('update workflow_callbacks set enabled = false where id = $1', [off]);
    await player.finish(await runOf(workflow));
    await teller().collect();
    expect(await messages()).toEqual([]);
  });

  test('before there was a callback is told to nobody', async () => {
    const workflow = await engine.createWorkflow(chainOf(1));
    await player.finish(await runOf(workflow));
    await makeCallback(workflow.id);
    await teller().collect();
    expect(await messages()).toEqual([]);
  });
});

describe('a question to a person', () => {
  const question = { message: '?', fields: [], buttons: [{ id: 'yes', label: 'Yes' }], choice: null };

  test('is told once to whom it may concern, and what was answered by then is not', async () => {
    const workflow = await engine.createWorkflow(chainOf(1));
    await makeCallback(workflow.id, ['waiting']);
    await makeCallback(workflow.id);
    const [open, answered] = [await runOf(workflow), await runOf(workflow)];
    for (const runId of [open, answered]) await player.ask(runId, question);
    await engine.pool.query(
      `update waits set resolved_at = now(), resolution = '{"outcome":"answered"}' where run_id = $1`,
      [answered],
    );
    const { collect, send } = teller();
    await collect();
    await collect();
    await send();
    expect(received.map(({ body }) => JSON.parse(body))).toEqual([
      {
        type: 'run.waiting',
        timestamp: expect.any(String),
        data: { id: open, outputs: { result: 'done' }, wait: { id: expect.any(String), message: '?' } },
      },
    ]);
    expect(await messages()).toMatchObject([{ event: 'run.waiting', run_id: open, status: 'delivered' }]);
  });

  test('is told with its link, which is not kept with what the message says', async () => {
    const workflow = await engine.createWorkflow(chainOf(1));
    await makeCallback(workflow.id, ['waiting']);
    await player.ask(await runOf(workflow), question);
    const answerUrl = 'https://heddle.example.org/answer/token';
    const { collect, send } = teller({ answerUrlOf: async () => answerUrl });
    await collect();
    await send();
    expect(received).toHaveLength(1);
    const told = new Webhook(secret).verify(received[0]!.body, asText(received[0]!.headers));
    expect(told).toMatchObject({ data: { wait: { message: '?', answerUrl } } });
    expect(JSON.stringify(await messages())).not.toContain(answerUrl);
  });
});

test('messages of users go in turn: many of one do not keep those of another waiting', async () => {
  await engine.pool.query(`insert into users (id, email) values ('user-2', 'user-2@example.org')`);
  const workflow = await engine.createWorkflow(chainOf(1));
  const insert = async (userId: string, count: number, secondsAgo: number) => {
    const callback = await makeCallback(workflow.id);
    await engine.pool.query('update workflow_callbacks set user_id = $2 where id = $1', [callback, userId]);
    await engine.pool.query(
      `insert into callback_messages (id, callback_id, run_id, event, try_at)
       select gen_random_uuid(), $1, gen_random_uuid(), 'run.finished', now() - $3 * interval '1 second' + n * interval '1 ms'
         from generate_series(1, $2) n`,
      [callback, count, secondsAgo],
    );
    return callback;
  };
  const many = [await insert('user-1', 50, 600), await insert('user-1', 50, 500)];
  const few = await insert('user-2', 3, 1);
  const claimed = await claimMessages(engine.pool, null, 10);
  const of = (callbacks: readonly string[]) =>
    claimed.filter(({ callbackId }) => callbacks.includes(callbackId)).length;
  expect([of([few]), of(many)]).toEqual([3, 7]);
});

test('while a secret is replaced, both sign', async () => {
  const workflow = await engine.createWorkflow(chainOf(1));
  const callback = await makeCallback(workflow.id);
  const old = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
  await engine.pool.query('update workflow_callbacks set sealed = $2 where id = $1', [
    callback,
    Buffer.from(`${secret} ${old}`),
  ]);
  await player.finish(await runOf(workflow));
  const { collect, send } = teller();
  await collect();
  await send();
  const [{ headers, body }] = received as [Received];
  for (const either of [secret, old]) {
    expect(new Webhook(either).verify(body, asText(headers))).toMatchObject({ type: 'run.finished' });
  }
});

describe('a message that is not taken', () => {
  async function oneMessage() {
    const workflow = await engine.createWorkflow(chainOf(1));
    const callback = await makeCallback(workflow.id);
    await player.finish(await runOf(workflow));
    const one = teller();
    await one.collect();
    return { ...one, callback };
  }

  test('is sent eight times with longer and longer waits, the same each time and signed anew, and is given up then', async () => {
    const { send } = await oneMessage();
    answers = Array.from({ length: mostTries }, () => 500);
    const waits: number[] = [];
    for (let count = 0; count < mostTries + 3; count += 1) {
      await send();
      const [{ try_at: tryAt }] = await messages();
      if (tryAt === null) continue;
      waits.push((tryAt.getTime() - time.getTime()) / 1_000);
      time = new Date(tryAt.getTime() - 1);
      await send();
      time = tryAt;
    }
    expect(waits).toEqual([5, 30, 120, 600, 1_800, 7_200, 21_600]);
    expect(received).toHaveLength(8);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(8);
    expect(await messages()).toMatchObject([
      { status: 'failed', tries: 8, answer_status: 500, error: 'The address answered with HTTP 500.' },
    ]);
  });

  test('waits as long as the receiver asks for, and goes once it answers', async () => {
    const { send } = await oneMessage();
    answers = [{ status: 429, headers: { 'retry-after': '90' } }, 204];
    await send();
    const [{ try_at: tryAt }] = await messages();
    expect(tryAt.getTime() - time.getTime()).toBe(90_000);
    time = tryAt;
    await send();
    expect(await messages()).toMatchObject([{ status: 'delivered', tries: 2, error: null }]);
  });

  test('by an address that redirects is not sent elsewhere', async () => {
    const { send } = await oneMessage();
    answers = [{ status: 307, headers: { location: address() } }];
    await send();
    expect(received).toHaveLength(1);
    expect(await messages()).toMatchObject([{ status: 'due', answer_status: 307 }]);
  });

  test('by an address that is gone ends the callback, which says so', async () => {
    const { send, callback } = await oneMessage();
    answers = [410];
    await send();
    expect(await messages()).toMatchObject([{ status: 'failed', tries: 1 }]);
    const { rows } = await engine.pool.query('select * from workflow_callbacks where id = $1', [callback]);
    expect(rows).toMatchObject([{ enabled: false, paused_reason: expect.stringMatching(/410/) }]);
  });

  test('by nobody says why, and by an address inside is given up without a connection', async () => {
    const { callback } = await oneMessage();
    const { send } = teller({ fetch: createGuardedConnection(createAddressRules(), async () => []) });
    await send();
    expect(received).toEqual([]);
    expect(await messages()).toMatchObject([
      { status: 'failed', tries: 1, error: expect.stringMatching(/127\.0\.0\.1/) },
    ]);
    await engine.pool.query(`update workflow_callbacks set url = 'http://127.0.0.1:1/' where id = $1`, [callback]);
    await engine.pool.query(`update callback_messages set status = 'due', try_at = $1`, [time]);
    await teller().send();
    expect(await messages()).toMatchObject([{ status: 'due', error: expect.stringMatching(/cannot be reached/) }]);
  });
});

function asText(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
