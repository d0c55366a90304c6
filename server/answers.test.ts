import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { projectRoot } from '../testing/processes.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const bodyless: ReadonlySet<string> = new Set(['204', '304']);
/** Answers without a body besides those, and why. */
const withoutBody = new Map([
  ['200 post /api/webhooks/clerk', 'the identity provider looks at the status only'],
  ['202 post /mcp', 'the protocol has it so for what it calls a notification'],
]);

/** Every schema that core/ exports. */
async function schemasOfCore(): Promise<ReadonlySet<unknown>> {
  const schemas = new Set<unknown>();
  for (const folder of ['api', 'events', 'graph']) {
    const files = await readdir(join(projectRoot, 'core', folder));
    for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
      const exported = (await import(join(projectRoot, 'core', folder, file))) as Record<string, unknown>;
      for (const value of Object.values(exported)) if (value instanceof z.ZodType) schemas.add(value);
    }
  }
  return schemas;
}

test('every answer of every route has a schema that core exports, or no body', async () => {
  const schemas = await schemasOfCore();
  const lacking: string[] = [];
  for (const { method, path, responses } of server.running.routes) {
    for (const [status, { schema, contentType }] of Object.entries(responses)) {
      // What is not JSON has no schema.
      if (schema === undefined && contentType !== undefined) continue;
      const answer = `${status} ${method} ${path}`;
      const isFine = schema === undefined ? bodyless.has(status) || withoutBody.has(answer) : schemas.has(schema);
      if (!isFine) lacking.push(answer);
    }
  }
  expect(server.running.routes.length).toBeGreaterThan(40);
  expect(lacking).toEqual([]);
});
