import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { createProjectProcesses } from '../testing/processes.ts';

describe('heddle sign-in-link', () => {
  const processes = createProjectProcesses();
  let installation: TestInstallation;
  let server: InstalledServer;
  const password = 'a password that got lost';

  beforeAll(async () => {
    installation = await createTestInstallation('postgres');
    server = await installation.startServer({ BOOTSTRAP_PASSWORD: password });
  });
  afterAll(async () => {
    await processes.stopAll();
    await installation.stop();
  });

  async function heddle(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { databaseUrl: DATABASE_URL, dataDir: DATA_DIR } = installation;
    const command = processes.start({
      entry: 'cli/main.ts',
      args: ['sign-in-link', ...args],
      env: { DATABASE_URL, DATA_DIR, PUBLIC_URL: server.url, ENV_FILE: '/dev/null', ...env },
    });
    return { code: (await command.ended).code, output: command.output().trim() };
  }

  async function call(path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') {
    const answer = await fetch(server.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    return { status: answer.status, cookie };
  }

  test('lets an owner without the password in once, who then sets a new one; the audit log tells of it', async () => {
    const { code, output } = await heddle([]);
    expect(code).toBe(0);
    expect(output).toMatch(new RegExp(`^${server.url}/sign-in#token=[\\w-]{43}$`));
    const token = new URL(output).hash.split('=')[1];
    const { status, cookie } = await call('/api/auth/sign-in', { token });
    expect(status).toBe(200);
    expect((await call('/api/auth/sign-in', { token })).status).toBe(401);

    const newPassword = 'a password that is known again';
    expect((await call('/api/me/password', { newPassword }, { cookie }, 'PUT')).status).toBe(204);
    const signIn = async (given: string) =>
      (await call('/api/auth/sign-in', { email: 'owner@example.org', password: given })).status;
    expect(await signIn(password)).toBe(401);
    expect(await signIn(newPassword)).toBe(200);

    const { rows } = await installation.pool.query(
      `select actor_id, via, subject_name, details::text as details from audit_log where action = 'member.sign-in-link'`,
    );
    expect(rows).toEqual([{ actor_id: null, via: 'command-line', subject_name: 'owner@example.org', details: '{}' }]);
    const { rows: stored } = await installation.pool.query(`select t::text as row from sign_in_tokens t`);
    expect(JSON.stringify(stored)).not.toContain(token);
  });

  test('makes links of members by their address, in any case of letters', async () => {
    await installation.pool.query(
      `insert into users (id, email, role) values ('user_ada', 'ada@example.org', 'viewer')`,
    );
    const { code, output } = await heddle(['Ada@Example.org']);
    expect(code).toBe(0);
    const { cookie } = await call('/api/auth/sign-in', { token: new URL(output).hash.split('=')[1] });
    const me = await fetch(`${server.url}/api/me`, { headers: { cookie } });
    expect(await me.json()).toMatchObject({ email: 'ada@example.org', role: 'viewer' });
  });

  test('says in one line why there is none', async () => {
    const unknown = await heddle(['nobody@example.org']);
    expect(unknown).toEqual({ code: 1, output: expect.stringContaining('There is no account nobody@example.org.') });
    expect(unknown.output.split('\n')).toHaveLength(1);
    await installation.pool.query(`update users set removed_at = now() where id = 'user_ada'`);
    expect((await heddle(['ada@example.org'])).code).toBe(1);
  });
});
