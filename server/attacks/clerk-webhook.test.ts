import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFakeClerk, type MessageOptions } from '../../testing/clerk.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

/*
 * Messages that come in. Messages that go out, to addresses that users name, do
 * not exist in this product, so there is nothing of theirs to attack.
 */

const clerk = createFakeClerk();
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ ...clerk.env, BOOTSTRAP_EMAIL: 'boss@example.com' });
});
afterAll(() => server.stop());

const post = ({ body, headers }: { body: string; headers: Record<string, string> }, at = server) =>
  at.call('POST', '/api/webhooks/clerk', { raw: body, headers });
const send = (event: object, options?: MessageOptions) => post(clerk.message(event, options));

const person = (id: string, email: string, more: object = {}) => ({
  id,
  first_name: 'Ada',
  last_name: 'Lovelace',
  primary_email_address_id: 'idn_1',
  email_addresses: [{ id: 'idn_1', email_address: email, verification: { status: 'verified' } }],
  updated_at: Date.now(),
  ...more,
});
const newId = () => `user_${randomUUID()}`;

async function stored(externalId: string) {
  const { rows } = await server.database.pool.query(
    'select id, email, first_name, role, removed_at from users where external_id = $1',
    [externalId],
  );
  return rows[0];
}

test('attack 19: a signed message makes, changes and closes an account', async () => {
  const id = newId();
  expect((await send({ type: 'user.created', data: person(id, 'Ada@example.com') })).status).toBe(200);
  expect(await stored(id)).toMatchObject({ email: 'ada@example.com', first_name: 'Ada', role: 'member' });
  await send({ type: 'user.updated', data: person(id, 'ada@example.org', { first_name: 'Augusta' }) });
  expect(await stored(id)).toMatchObject({ email: 'ada@example.org', first_name: 'Augusta' });
  await send({ type: 'user.deleted', data: { id, deleted: true } });
  expect((await stored(id)).removed_at).not.toBeNull();
  // Messages come out of order: an older one does not bring the account back.
  await send({ type: 'user.updated', data: person(id, 'ada@example.org') });
  expect((await stored(id)).removed_at).not.toBeNull();
});

describe('attack 19: a message', () => {
  const event = () => ({ type: 'user.created', data: person(newId(), `${randomUUID()}@example.com`) });
  const refused = { status: 401, code: 'WEBHOOK_INVALID' };
  const answerTo = async (message: { body: string; headers: Record<string, string> }) => {
    const { status, body } = await post(message);
    return { status, code: body.code };
  };
  const count = async () => (await server.database.pool.query('select 1 from users')).rowCount;

  test('with a bad signature, without one, or signed with another secret is refused', async () => {
    const before = await count();
    const good = clerk.message(event());
    expect(await answerTo({ ...good, headers: { ...good.headers, 'svix-signature': 'v1,AAAA' } })).toEqual(refused);
    for (const name of ['svix-signature', 'svix-id', 'svix-timestamp']) {
      const { [name]: _left, ...headers } = good.headers;
      expect(await answerTo({ ...good, headers })).toEqual(refused);
    }
    const secret = `whsec_${Buffer.from('another secret of 24 by.').toString('base64')}`;
    expect(await answerTo(clerk.message(event(), { secret }))).toEqual(refused);
    expect(await count()).toBe(before);
  });

  test('that was changed on the way is refused', async () => {
    const good = clerk.message(event());
    expect(await answerTo({ ...good, body: good.body.replace('Ada', 'Eve') })).toEqual(refused);
    expect(await answerTo({ ...good, headers: { ...good.headers, 'svix-id': 'msg_other' } })).toEqual(refused);
    const timestamp = String(Number(good.headers['svix-timestamp']) + 1);
    expect(await answerTo({ ...good, headers: { ...good.headers, 'svix-timestamp': timestamp } })).toEqual(refused);
  });

  test('that is six minutes old, or comes from the future, is refused', async () => {
    expect(await answerTo(clerk.message(event(), { ageSeconds: 360 }))).toEqual(refused);
    expect(await answerTo(clerk.message(event(), { ageSeconds: -360 }))).toEqual(refused);
  });

  test('that comes again is answered 200 and done once', async () => {
    const id = newId();
    const message = clerk.message({ type: 'user.created', data: person(id, `${id}@example.com`) });
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(message)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { id: userId } = await stored(id);
    const { rows } = await server.database.pool.query('select action from audit_log where subject_id = $1', [userId]);
    expect(rows).toEqual([{ action: 'member.join' }]);
    await server.database.pool.query(`update users set first_name = 'changed here' where id = $1`, [userId]);
    await post(message);
    expect((await stored(id)).first_name).toBe('changed here');
  });

  test('of a type that means nothing here, or of another form, is taken and forgotten', async () => {
    const before = await count();
    for (const odd of [
      { type: 'organization.created', data: {} },
      { type: 'user.created', data: { id: 7 } },
      { a: 1 },
    ]) {
      expect((await send(odd)).status).toBe(200);
    }
    expect(await count()).toBe(before);
  });

  test('that is far too large is refused before it is read', async () => {
    const { body, headers } = clerk.message({ type: 'user.created', data: 'x'.repeat(300_000) });
    expect((await post({ body, headers })).body.code).toBe('BODY_TOO_LARGE');
  });
});

test('attack 19: thousands of messages a second end in 429', async () => {
  const small = await startTestServer({ ...clerk.env, API_RATE_BURST: '1', API_RATE_PER_SECOND: '1' });
  try {
    const startedAt = performance.now();
    const forged = { body: '{}', headers: { 'content-type': 'application/json' } };
    const answers = await Promise.all(Array.from({ length: 200 }, () => post(forged, small)));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    // An address has five times the rate of one user; what is given back meanwhile depends on how long it takes.
    const given = 5 + Math.ceil(((performance.now() - startedAt) / 1_000) * 5);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(given);
  } finally {
    await small.stop();
  }
});

describe('an account of this installation', () => {
  const role = async (externalId: string) => (await stored(externalId))?.role;

  test('is that of the person whose verified address it has: so the named owner comes in', async () => {
    const [stranger, boss] = [newId(), newId()];
    const unverified = [{ id: 'idn_1', email_address: 'boss@example.com', verification: { status: 'unverified' } }];
    await send({ type: 'user.created', data: person(stranger, '', { email_addresses: unverified }) });
    expect(await stored(stranger)).toMatchObject({ role: 'member', email: stranger });
    const claims = { sub: newId(), email: 'boss@example.com' };
    const headers = { authorization: `Bearer ${clerk.token({ claims })}` };
    expect((await server.call('GET', '/api/me', { headers })).body).toMatchObject({
      role: 'member',
      email: claims.sub,
    });
    await send({ type: 'user.created', data: person(boss, 'boss@example.com') });
    expect(await role(boss)).toBe('owner');
    const own = { authorization: `Bearer ${clerk.token({ claims: { sub: boss } })}` };
    expect((await server.call('GET', '/api/members', { headers: own })).status).toBe(200);
    const log = await server.call('GET', '/api/admin/audit?action=member.join', { headers: own });
    expect(log.body.items[0]).toMatchObject({ via: 'clerk', subject: { name: 'boss@example.com' } });
  });

  test('goes with a token whose claims say that the address is verified', async () => {
    await server.database.pool.query(`insert into users (id, email) values ('user_local', 'local@example.com')`);
    const claims = { sub: newId(), email: 'local@example.com', email_verified: true };
    const headers = { authorization: `Bearer ${clerk.token({ claims })}` };
    expect((await server.call('GET', '/api/me', { headers })).body.id).toBe('user_local');
  });

  test('gives up an address that has become somebody else’s', async () => {
    const [first, second] = [newId(), newId()];
    await send({ type: 'user.created', data: person(first, 'shared@example.com') });
    await send({ type: 'user.created', data: person(second, 'shared@example.com') });
    expect((await stored(first)).email).toBe(first);
    expect((await stored(second)).email).toBe('shared@example.com');
  });

  test('has a line in the audit log for each sign-in and sign-out that Clerk tells of', async () => {
    const id = newId();
    await send({ type: 'user.created', data: person(id, 'logged@example.com') });
    await send({ type: 'session.created', data: { id: 'sess_logged', user_id: id } });
    await send({ type: 'session.ended', data: { id: 'sess_logged', user_id: id } });
    const { rows } = await server.database.pool.query(
      `select action, via from audit_log where actor_email = 'logged@example.com' order by at`,
    );
    expect(rows).toEqual([
      { action: 'session.sign-in', via: 'clerk' },
      { action: 'session.sign-out', via: 'clerk' },
    ]);
  });
});
