import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditPageSchema, type AuditEntry } from '../../core/api/audit.ts';
import { eventually } from '../../testing/eventually.ts';
import { createRunPlayer } from '../../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;
let owner: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.signIn(await server.addUser('owner'));
});
afterAll(() => server.stop());

async function entries(query = ''): Promise<AuditEntry[]> {
  return auditPageSchema.parse((await owner.call('GET', `/api/admin/audit${query}`)).body).items;
}

const tokenIn = ({ body }: { body: { path: string } }) => body.path.split('#token=')[1] ?? '';
const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const password = 'correct horse battery';

test('the audit log tells of accounts, keys, members, deletes and exports: who, what, when, from where', async () => {
  const email = 'ada@example.com';
  const invited = await owner.call('POST', '/api/invitations', { body: { email, role: 'member' } });
  const token = tokenIn(invited);
  const joined = await server.call('POST', '/api/auth/accept-invitation', { body: { token, password } });
  const headers = { cookie: cookieOf(joined.headers) };
  const call = (method: string, path: string, body?: unknown) => server.call(method, path, { body, headers });
  const key = (await call('POST', '/api/keys', { name: 'CI', scopes: ['read'] })).body;
  await call('DELETE', `/api/keys/${key.id}`);
  const workflow = (await call('POST', '/api/workflows', { name: 'doomed', data: smallGraph() })).body;
  const run = (await call('POST', `/api/workflows/${workflow.id}/run`)).body;
  await (await createRunPlayer(server.database.pool)).finish(run.id);
  const archive = await call('GET', `/api/runs/${run.id}/export`);
  expect(archive.body).toMatchObject({
    heddle: 'run',
    id: run.id,
    status: 'COMPLETED',
    outputs: [{ nodeId: 'a', status: 'COMPLETED' }, { nodeId: 'b' }],
  });
  expect(archive.headers.get('content-disposition')).toMatch(/^attachment; filename="run-/);
  await call('DELETE', `/api/runs/${run.id}`);
  const file = await call('GET', `/api/workflows/${workflow.id}/export`);
  expect(file.body).toMatchObject({ heddle: 'workflow', name: 'doomed', nodes: [{ id: 'a' }, { id: 'b' }] });
  expect(file.headers.get('content-disposition')).toContain('attachment; filename="doomed.json"');
  await call('DELETE', `/api/workflows/${workflow.id}`);
  await call('PUT', '/api/me', { firstName: 'Ada' });
  await call('PUT', `/api/me/password`, { currentPassword: password, newPassword: 'a brand new password' });
  for (const given of ['wrong', 'a brand new password']) {
    await server.call('POST', '/api/auth/sign-in', { body: { email, password: given } });
  }
  await owner.call('PUT', `/api/members/${joined.body.id}`, { body: { role: 'viewer' } });
  await owner.call('POST', `/api/members/${joined.body.id}/sign-in-link`);
  await owner.call('DELETE', `/api/members/${joined.body.id}`);

  const found = await entries();
  expect(found.map((entry) => `${entry.action}${entry.refused ? ' refused' : ''}`)).toEqual([
    'member.remove',
    'member.sign-in-link',
    'member.change-role',
    'session.sign-in',
    'session.sign-in refused',
    'password.change',
    'profile.change',
    'workflow.delete',
    'workflow.export',
    'run.delete',
    'run.export',
    'key.revoke',
    'key.create',
    'member.join',
    'member.invite',
  ]);
  const by = (action: string) => found.find((entry) => entry.action === action);
  expect(by('member.change-role')).toMatchObject({
    actor: { id: owner.id, email: owner.email },
    subject: { type: 'user', id: joined.body.id, name: email },
    details: { role: 'viewer', roleBefore: 'member' },
    via: 'session',
    address: expect.stringContaining('127.0.0.1'),
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(by('workflow.delete')?.subject).toEqual({ type: 'workflow', id: String(workflow.id), name: 'doomed' });
  expect(by('key.create')).toMatchObject({
    subject: { type: 'key', id: key.id, name: 'CI' },
    details: { scopes: ['read'] },
  });
  expect(by('member.invite')?.subject?.name).toBe(email);
  const refused = found.find((entry) => entry.refused);
  expect(refused).toMatchObject({ actor: { id: null, email }, details: { method: 'password' } });

  // No secret of all that is in it: no password, no key, no token of a link or a cookie.
  const { rows } = await server.database.pool.query(`select * from audit_log`);
  const stored = JSON.stringify(rows);
  for (const secret of [password, 'a brand new password', 'wrong', key.key, token, headers.cookie.split('=')[1]!]) {
    expect(stored).not.toContain(secret);
  }
});

test('what somebody typed into the address field by mistake is not kept', async () => {
  await server.call('POST', '/api/auth/sign-in', { body: { email: 'my-secret-password', password: 'x' } });
  const [newest] = await entries('?limit=1');
  expect(newest).toMatchObject({ action: 'session.sign-in', refused: true, actor: { id: null, email: null } });
});

test('the audit log is paged without gaps and searched by action and name', async () => {
  const all = await entries('?limit=100');
  const paged: AuditEntry[] = [];
  let cursor = '';
  do {
    const page = auditPageSchema.parse((await owner.call('GET', `/api/admin/audit?limit=3${cursor}`)).body);
    paged.push(...page.items);
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
  } while (cursor !== '');
  expect(paged.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect((await entries('?action=key.create')).map(({ action }) => action)).toEqual(['key.create']);
  expect((await entries('?search=doomed')).map(({ action }) => action)).toEqual(['workflow.delete', 'workflow.export']);
  expect(await entries('?search=%25')).toEqual([]);
  expect((await owner.call('GET', '/api/admin/audit?action=drop')).status).toBe(400);
});

test('every route that hands out a file to save promises a line in the audit log', () => {
  const exporting = server.running.routes.filter(({ path }) => /\/(?:export|content)$/.test(path));
  expect(exporting.map(({ path, audit }) => [path, audit?.action])).toEqual([
    ['/api/workflows/:id/export', 'workflow.export'],
    ['/api/runs/:id/export', 'run.export'],
    ['/api/batches/:id/export', 'batch.export'],
    // Visitors have no account. The log says who made the link, changed it and took it back.
    ['/api/shared/:token/files/:id/content', undefined],
    // Nobody but the question decides which file it shows.
    ['/api/answers/:token/files/:id/content', undefined],
    ['/api/assets/:id/content', 'asset.export'],
    ['/api/admin/audit/export', 'audit.export'],
    ['/api/workspaces/:id/audit/export', 'audit.export'],
  ]);
});

test('every route that deletes something promises a line in the audit log', () => {
  const deleting = server.running.routes.filter((route) => route.method === 'delete');
  expect(deleting.length).toBeGreaterThan(5);
  expect(deleting.filter((route) => route.audit === undefined).map(({ path }) => path)).toEqual([]);
});

test('the audit log is saved as JSON lines or as a table, with the filters of the list, and that is in it', async () => {
  // More than one read of the database.
  await server.database.pool.query(
    `insert into audit_log (id, action, at, actor_email, details, share)
     select gen_random_uuid(), 'settings.change', now() - make_interval(secs => n), 'many@example.com', '{}', 'user many'
       from generate_series(1, 1201) n`,
  );
  const file = await owner.call('GET', '/api/admin/audit/export?action=settings.change&search=many');
  expect(file.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-\d{4}-\d\d-\d\d\.jsonl"/);
  const lines = file.text
    .trimEnd()
    .split('\n')
    .map((line) => auditPageSchema.shape.items.element.parse(JSON.parse(line)));
  expect(new Set(lines.map(({ id }) => id)).size).toBe(1_201);
  expect(lines.map(({ at }) => at)).toEqual(
    lines
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  );
  const table = await owner.call('GET', '/api/admin/audit/export?format=csv&search=many');
  expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(table.text.trimEnd().split('\r\n')).toHaveLength(1_202);
  // Written when all of a file is sent.
  await eventually(async () => {
    const exports = await entries('?action=audit.export');
    expect(exports.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });
});
