import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientConfigSchema, limitsSchema } from '../core/api/config.ts';
import { errorCodes } from '../core/errors/codes.ts';
import { nodeDefinitions } from '../nodes/definitions.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

interface Operation {
  readonly operationId: string;
  readonly security: object[];
  readonly parameters?: { name: string; in: string; required?: boolean; schema: { type?: unknown } }[];
  readonly responses: Record<string, object>;
}

describe('the OpenAPI document', () => {
  test('describes exactly the routes that the server has', async () => {
    const document = (await server.call('GET', '/api/openapi.json')).body;
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const routes = server.running.routes.map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  test('is sound: references resolve, ids are unique, path parameters are declared and required', async () => {
    const document = (await server.call('GET', '/api/openapi.json')).body;
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1]!);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      const target = reference
        .split('/')
        .reduce<Record<string, unknown> | undefined>(
          (value, key) => value?.[key] as Record<string, unknown> | undefined,
          document,
        );
      expect({ reference, found: target !== undefined }).toEqual({ reference, found: true });
    }
    const ids = new Set<string>();
    for (const [path, item] of Object.entries<Record<string, Operation>>(document.paths)) {
      for (const operation of Object.values(item)) {
        expect(ids.has(operation.operationId)).toBe(false);
        ids.add(operation.operationId);
        expect(Object.keys(operation.responses)).toContain('default');
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        const declared = operation.parameters?.filter((parameter) => parameter.in === 'path') ?? [];
        expect(declared.map((parameter) => parameter.name)).toEqual(named);
        for (const parameter of operation.parameters ?? []) {
          expect(JSON.stringify(parameter.schema)).not.toContain('null');
          if (parameter.in === 'path') expect(parameter.required).toBe(true);
        }
      }
    }
  });

  test('says which routes need a credential', async () => {
    const { paths } = (await server.call('GET', '/api/openapi.json')).body;
    for (const route of server.running.routes) {
      const operation: Operation = paths[route.path.replaceAll(/:(\w+)/g, '{$1}')][route.method];
      expect({ path: route.path, open: operation.security.length === 0 }).toEqual({
        path: route.path,
        open: route.auth === 'none',
      });
    }
  });

  test('comes with a page that loads nothing from elsewhere', async () => {
    const page = await server.call('GET', '/api/docs/');
    expect(page.status).toBe(200);
    for (const [, address = ''] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(address).not.toMatch(/^(?:https?:)?\/\//);
      expect((await server.call('GET', `/api/docs/${address.replace(/^\.\//, '')}`)).status).toBe(200);
    }
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/<script>/);
  });
});

describe('what a client may know', () => {
  test('is the configuration without any secret, and the limits', async () => {
    const open = clientConfigSchema.parse((await server.call('GET', '/api/config')).body);
    expect(open.limits).toBeUndefined();
    expect((await server.call('GET', '/api/limits')).status).toBe(401);
    const config = clientConfigSchema.parse((await user.call('GET', '/api/config')).body);
    expect(config).toMatchObject(open);
    expect(config).toMatchObject({
      version: '0.0.0-test',
      auth: { mode: 'local', publishableKey: null, providers: [] },
      embedded: false,
    });
    expect(limitsSchema.parse((await user.call('GET', '/api/limits')).body)).toEqual(config.limits);
  });

  test('is every node type with a JSON Schema of what may be sent', async () => {
    const { items } = (await user.call('GET', '/api/node-types')).body;
    expect(items.map((item: { type: string }) => item.type)).toEqual(nodeDefinitions.map(({ type }) => type));
    const llm = items.find((item: { type: string }) => item.type === 'llm');
    expect(llm.schema.properties.userMessage).toMatchObject({ type: 'string', control: 'textarea' });
    // A field with a default may be left out.
    expect(llm.schema.required ?? []).not.toContain('model');
  });

  test('is which providers there are, without their keys', async () => {
    const { items } = (await user.call('GET', '/api/models')).body;
    expect(items.map((item: { configured: boolean }) => item.configured)).toEqual([false, false]);
  });
});

test('every problem code that the server uses is one of the catalogue', async () => {
  const answers = await Promise.all([
    server.call('GET', '/api/me'),
    server.call('GET', '/api/x'),
    user.call('GET', '/api/runs/x'),
    user.call('POST', '/api/workflows', { raw: '{' }),
  ]);
  for (const { body } of answers) expect(errorCodes).toContain(body.code);
});

test('every answer carries the headers that keep browsers safe, and a request id', async () => {
  for (const path of ['/', '/api/me', '/api/config', '/healthz', '/nothing.js']) {
    const { headers } = await server.call('GET', path);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  }
  const own = await server.call('GET', '/healthz', { headers: { 'x-request-id': 'trace-1' } });
  expect(own.headers.get('x-request-id')).toBe('trace-1');
  const hostile = await server.call('GET', '/healthz', { headers: { 'x-request-id': 'a b<script>' } });
  expect(hostile.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
