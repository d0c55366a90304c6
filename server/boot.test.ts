import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { createProjectProcesses } from '../testing/processes.ts';

const processes = createProjectProcesses();
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => processes.stopAll());
afterAll(() => database.drop());

function start(env: Readonly<Record<string, string>>) {
  return processes.start({
    entry: 'server/main.ts',
    env: { DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'info', ...env },
  });
}

describe('the server process', () => {
  test('prints one ready line with its address, answers, and leaves with 0 on SIGTERM', async () => {
    const server = start({});
    const ready = await server.waitUntilReady();
    const url = String(ready['url']);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const readiness = await fetch(`${url}/readyz`);
    expect(await readiness.json()).toEqual({ status: 'ready', postgres: 'ok', queue: 'ok', draining: false });
    expect((await fetch(`${url}/api/workflows`)).status).toBe(401);
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
