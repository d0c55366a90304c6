import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { auditPageSchema, type AuditEntry } from '../../core/api/audit.ts';
import { trimAuditLog } from '../../db/audit-log/trim.ts';
import { cheapPasswordHash } from '../../testing/cheap-password.ts';
import { makePicture } from '../../testing/media.ts';
import { eventually } from '../../testing/eventually.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';
import { createAuditLog } from './audit-log.ts';

let server: TestServer;
let owner: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.signIn(await server.addUser('owner'));
});
afterAll(() => server.stop());
afterEach(() => server.database.pool.query('delete from audit_log'));

async function entries(query = ''): Promise<AuditEntry[]> {
  return auditPageSchema.parse((await owner.call('GET', `/api/admin/audit?limit=100${query}`)).body).items;
}

async function upload(user: TestUser): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(await readFile(await makePicture('png', 80, 60)))]), 'a.png');
  return (await user.call('POST', '/api/assets', { raw: form })).body.id;
}

test('the same act of the same person on the same thing is one line with a count', async () => {
  const member = await server.signIn(await server.addUser('member'));
  for (let count = 0; count < 20; count += 1) await member.call('PUT', '/api/me', { body: { firstName: `F${count}` } });
  const [line, ...others] = await entries('&action=profile.change');
  expect(line).toMatchObject({ count: 20, actor: { id: member.id }, subject: { id: member.id } });
  expect(Date.parse(line!.lastAt)).toBeGreaterThan(Date.parse(line!.at));
  expect(others).toEqual([]);
  // In the next hour it is told anew.
  await server.database.pool.query(`update audit_log set hour = hour - interval '1 hour', at = at - interval '1 hour'`);
  await member.call('PUT', '/api/me', { body: { firstName: 'F' } });
  expect((await entries('&action=profile.change')).map(({ count }) => count)).toEqual([1, 20]);
});

test('acts that cross are all counted', async () => {
  const member = await server.signIn(await server.addUser('member'));
  await Promise.all(
    Array.from({ length: 20 }, (_, count) => member.call('PUT', '/api/me', { body: { firstName: `F${count}` } })),
  );
  expect((await entries('&action=profile.change')).map(({ count }) => count)).toEqual([20]);
});

test('a wrong present password is told, for the password and for the address', async () => {
  const passwordHash = cheapPasswordHash('correct horse battery');
  const user = await server.addUser();
  await server.database.pool.query('update users set password_hash = $2 where id = $1', [user.id, passwordHash]);
  const member = await server.signIn(user);
  const wrong = { currentPassword: 'not the right one' };
  const password = { ...wrong, newPassword: 'a brand new password' };
  for (let at = 0; at < 2; at += 1) {
    expect((await member.call('PUT', '/api/me/password', { body: password })).body.code).toBe('PASSWORD_WRONG');
  }
  const moved = await member.call('PUT', '/api/me', { body: { ...wrong, email: 'new@example.com' } });
  expect(moved.body.code).toBe('PASSWORD_WRONG');
  expect((await entries()).map(({ action, refused, count, actor }) => [action, refused, count, actor.id])).toEqual([
    ['profile.change', true, 1, user.id],
    ['password.change', true, 2, user.id],
  ]);
});

test('a download is one line, however many ranges it comes in, and none where the browser has the file', async () => {
  const member = await server.signIn(await server.addUser('member'));
  const id = await upload(member);
  const get = (headers: Record<string, string>, method = 'GET') =>
    fetch(`${server.url}/api/assets/${id}/content?download=1`, {
      method,
      headers: { authorization: `Bearer ${member.key}`, ...headers },
    });
  const whole = await get({});
  const etag = whole.headers.get('etag') ?? '';
  await whole.arrayBuffer();
  // Its line is written after its answer.
  await eventually(async () => (await entries('&action=asset.export')).length === 1);
  for (let at = 1; at <= 30; at += 1) await (await get({ Range: `bytes=${at}-${at}` })).arrayBuffer();
  expect((await get({ 'If-None-Match': etag })).status).toBe(304);
  expect((await get({}, 'HEAD')).status).toBe(200);
  expect(await entries('&action=asset.export')).toMatchObject([{ count: 1, subject: { id } }]);
  // Whoever takes only pieces from the middle has a line, too.
  await server.database.pool.query('delete from audit_log');
  await (await get({ Range: 'bytes=5-' })).arrayBuffer();
  await (await get({ Range: 'bytes=6-' })).arrayBuffer();
  await eventually(async () => (await entries('&action=asset.export')).length > 0);
  expect(await entries('&action=asset.export')).toMatchObject([{ count: 1, subject: { id } }]);
});

test('beyond the share of one person there is one line for each kind, and the lines of others go on', async () => {
  const logger = { debug() {}, info() {}, warn() {}, error: (facts: object) => expect(facts).toBeNull() };
  const audit = createAuditLog({ db: server.database.db, newId: randomUUID, logger, linesPerHour: 3 });
  const by = (userId: string, action: 'key.create' | 'key.revoke', id: string) =>
    audit.record({
      action,
      actor: { userId, email: null, via: 'session' },
      subject: { type: 'key', id },
      request: null,
    });
  await Promise.all(Array.from({ length: 12 }, (_, at) => by('noisy', 'key.create', `key ${at}`)));
  await by('noisy', 'key.revoke', 'key 1');
  await by('noisy', 'key.revoke', 'key 2');
  await by('calm', 'key.create', 'mine');
  const lines = await entries();
  const of = (user: string) => lines.filter(({ actor }) => actor.id === user);
  expect(
    of('noisy')
      .map(({ action, subject, count }) => [action, subject !== null, count])
      .toSorted(),
  ).toEqual([
    ['key.create', false, 9],
    ['key.create', true, 1],
    ['key.create', true, 1],
    ['key.create', true, 1],
    ['key.revoke', false, 2],
  ]);
  expect(of('calm')).toMatchObject([{ subject: { id: 'mine' }, count: 1 }]);
});

test('strangers share by network what they are refused', async () => {
  const signIn = (email: string) =>
    server.call('POST', '/api/auth/sign-in', { body: { email, password: 'not the right one' } });
  for (const email of ['a@example.com', 'a@example.com', 'b@example.com']) await signIn(email);
  expect((await entries()).map(({ actor, count }) => [actor.email, count])).toEqual([
    ['b@example.com', 1],
    ['a@example.com', 2],
  ]);
  const { rows } = await server.database.pool.query('select distinct share from audit_log');
  expect(rows).toEqual([{ share: 'network 127.0.0.1' }]);
});

test('when there are too many lines, whoever has the most loses the oldest of their own', async () => {
  await server.database.pool.query(
    `insert into audit_log (id, at, action, share)
     select gen_random_uuid(), now() - make_interval(secs => n), 'key.create',
            case when n % 10 = 0 then 'user calm' when n % 2 = 0 then 'network 10.0.0.' || n else 'user noisy' end
       from generate_series(1, 200) n`,
  );
  const counts = async () =>
    (
      await server.database.pool.query(
        `select split_part(share, '.', 1) as share, count(*)::integer as lines from audit_log
          group by split_part(share, '.', 1) order by 1`,
      )
    ).rows;
  expect(await trimAuditLog(server.database.db, 200)).toBe(0);
  const newest = await server.database.pool.query(
    `select id from audit_log where share = 'user noisy' order by at desc limit 55`,
  );
  expect(await trimAuditLog(server.database.db, 100)).toBe(100);
  expect((await counts()).map(({ share, lines }) => [share, lines])).toEqual([
    ['network 10', 25],
    ['user calm', 20],
    ['user noisy', 55],
  ]);
  const left = await server.database.pool.query(`select id from audit_log where share = 'user noisy' order by at desc`);
  expect(left.rows).toEqual(newest.rows);
});
