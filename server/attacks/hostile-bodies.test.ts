import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostileBodies, sendHostileBody } from '../../testing/hostile-bodies.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../../testing/installation.ts';

/*
 * Bodies made to keep a server busy. Each is refused by name, and the server goes on. How long its loop stands still
 * meanwhile is told by `npm run bench -- neighbors`.
 */

let installation: TestInstallation;
let server: InstalledServer;
beforeAll(async () => {
  installation = await createTestInstallation('postgres');
  server = await installation.startServer();
});
afterAll(() => installation.stop());

describe('attack 10: a body', () => {
  test.each(hostileBodies)('$name is refused with $status, and others are served', async (body) => {
    const [outcome, other] = await Promise.all([
      sendHostileBody(server.url, installation.apiKey, body),
      server.api.request('GET', '/api/me'),
    ]);
    expect(body.status === 413 ? [413, 'cut'] : [body.status]).toContain(outcome);
    expect(other.status).toBe(200);
  });
});
