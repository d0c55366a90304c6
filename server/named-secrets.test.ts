import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createUserWeb, resealSecrets } from '../boot/user-web.ts';
import { createScrubber } from '../core/scrub.ts';
import { createSecretBox } from '../providers/secret-box.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

const secretsKey = 'a key that only tests encrypt with';
const value = 'a token that nobody may read';
let server: TestServer;
let user: TestUser;
let session: TestUser;

beforeAll(async () => {
  server = await startTestServer({ SECRETS_KEY: secretsKey });
  user = await server.addUser();
  session = await server.signIn(user);
});
afterAll(() => server.stop());

const save = (name: string, body: object, by = session) => by.call('PUT', `/api/secrets/${name}`, { body });
const unused = () => undefined;
const logger = { debug: unused, info: unused, warn: unused, error: unused };

/** The web of a user as a worker with this key has it. */
function webOf(userId: string, key = secretsKey) {
  const scrubber = createScrubber();
  const web = createUserWeb({
    pool: server.database.pool,
    box: createSecretBox(key),
    requester: {
      request: () => Promise.reject(new Error('no request here')),
      listen: () => Promise.reject(new Error('no request here')),
    },
    scrubber,
    logger,
  })(userId);
  return { web, scrubber };
}

describe('secrets of a user', () => {
  test('are listed by name with their hosts, and cannot be read', async () => {
    const saved = await save('TOKEN', { value, hosts: ['API.Example.com:443', 'localhost:8080', 'api.example.com'] });
    expect(saved).toMatchObject({ status: 200, body: { available: true } });
    expect(saved.body.items).toEqual([
      { name: 'TOKEN', hosts: ['api.example.com', 'localhost:8080'], updatedAt: expect.any(String) },
    ]);
    expect((await user.call('GET', '/api/secrets')).body).toEqual(saved.body);
    const { rows } = await server.database.pool.query<{ sealed: Buffer }>('select * from secrets');
    expect(rows).toHaveLength(1);
    expect(saved.text + JSON.stringify(rows) + String(rows[0]?.sealed)).not.toContain(value);
    const stranger = await server.addUser();
    expect((await stranger.call('GET', '/api/secrets')).body.items).toEqual([]);
  });

  test('are opened for their user alone, and hidden from then on in whatever is written down', async () => {
    await save('TOKEN', { value, hosts: ['api.example.com'] });
    const { web, scrubber } = webOf(user.id);
    expect(await web.secrets(['TOKEN'])).toEqual(
      new Map([['TOKEN', { name: 'TOKEN', value, hosts: ['api.example.com'] }]]),
    );
    expect(scrubber.text(`it was ${value}!`)).toBe('it was [secret]!');
    const stranger = await server.addUser();
    await expect(webOf(stranger.id).web.secrets(['TOKEN'])).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  test('whose hosts were changed behind our back do not open', async () => {
    await save('MOVED', { value, hosts: ['api.example.com'] });
    await server.database.pool.query(`update secrets set hosts = '{evil.example.com}' where name = 'MOVED'`);
    await expect(webOf(user.id).web.secrets(['MOVED'])).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  test('open with a new key once they are sealed anew', async () => {
    await save('TOKEN', { value, hosts: ['api.example.com'] });
    const newKey = 'another key that only tests encrypt with';
    await expect(webOf(user.id, newKey).web.secrets(['TOKEN'])).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    const box = createSecretBox(newKey, secretsKey);
    expect(await resealSecrets(server.database.pool, box)).toBeGreaterThan(0);
    expect((await webOf(user.id, newKey).web.secrets(['TOKEN'])).get('TOKEN')?.value).toBe(value);
    expect(await resealSecrets(server.database.pool, box)).toBe(0);
  });

  test('are as many as one account may have', async () => {
    const crowded = await server.addUser();
    const signedIn = await server.signIn(crowded);
    await server.database.pool.query(
      `insert into secrets (user_id, name, hosts, sealed) select $1, 'S' || n, '{x.example}', '' from generate_series(1, 100) n`,
      [crowded.id],
    );
    const body = { value, hosts: ['api.example.com'] };
    expect(await save('ONE_MORE', body, signedIn)).toMatchObject({ status: 422, body: { code: 'SECRETS_FULL' } });
    expect((await save('S7', body, signedIn)).status).toBe(200);
    expect((await signedIn.call('DELETE', '/api/secrets/S8')).status).toBe(204);
    expect((await save('ONE_MORE', body, signedIn)).status).toBe(200);
  });

  test.each([
    ['1TOKEN', { value, hosts: ['x.example'] }, 404],
    ['TOKEN', { value: 'short', hosts: ['x.example'] }, 400],
    ['TOKEN', { value: 'two\nlines of it', hosts: ['x.example'] }, 400],
    ['TOKEN', { value, hosts: [] }, 400],
    ['TOKEN', { value, hosts: ['https://x.example'] }, 400],
    ['TOKEN', { value, hosts: ['*.example'] }, 400],
  ])('are refused as %s %j', async (name, body, status) => {
    expect((await save(name, body)).status).toBe(status);
  });

  test('are saved by people, not by API keys or viewers', async () => {
    const body = { value, hosts: ['x.example'] };
    expect((await user.call('PUT', '/api/secrets/TOKEN', { body })).status).toBe(403);
    const viewer = await server.signIn(await server.addUser('viewer'));
    expect((await save('TOKEN', body, viewer)).status).toBe(403);
  });
});
