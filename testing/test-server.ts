import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Agent, request, type Dispatcher } from 'undici';
import { v7 as uuidv7 } from 'uuid';
import { createScrubber } from '../core/scrub.ts';
import { openDatabase, type DatabaseHandle } from '../db/client.ts';
import type { UserRole } from '../core/api/auth.ts';
import { apiKeyScopes, type ApiKeyScope } from '../core/api/keys.ts';
import { createWorkspace } from '../db/workspaces/create.ts';
import { addWorkspaceMember } from '../db/workspaces/members.ts';
import type { WorkspaceRole } from '../core/scope.ts';
import { insertApiKeyOnce } from '../db/api-keys/insert.ts';
import { insertSession } from '../db/sessions/insert.ts';
import { insertUserOnce } from '../db/users/insert.ts';
import { defaultSweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { hashSecret, keyPrefix, newApiKey, newSecret } from '../server/auth/secrets.ts';
import { sessionCookie } from '../server/auth/session-cookie.ts';
import { readConfig, type ServerConfig } from '../server/config.ts';
import { startServer, type RunningServer } from '../server/start-server.ts';
import { cheapPasswordCost } from './cheap-password.ts';
import { readTestServices, readToolPlaces } from './config.ts';
import { anyBuildInEnvironment } from './frame-taker.ts';
import { createTestDatabase } from './postgres.ts';

/** What a test reads of an answer. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into answers of every shape and fail where a field is missing.
  readonly body: ReturnType<typeof JSON.parse>;
  readonly text: string;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: RequestInit['body'];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody with an API key. */
export interface TestUser {
  readonly id: string;
  readonly email: string;
  readonly key: string;
  call(method: string, path: string, options?: CallOptions): Promise<TestAnswer>;
}

export interface TestServer {
  readonly url: string;
  readonly running: RunningServer;
  readonly config: ServerConfig;
  readonly database: DatabaseHandle;
  readonly dataDir: string;
  /** A request without a credential, unless `headers` has one. */
  call(method: string, path: string, options?: CallOptions): Promise<TestAnswer>;
  /** A new user with an API key. */
  addUser(role?: UserRole): Promise<TestUser>;
  /** A new workspace with these members, whose first one made it and is an admin; returns its id. */
  addWorkspace(
    admin: Pick<TestUser, 'id'>,
    members?: readonly (readonly [Pick<TestUser, 'id'>, WorkspaceRole])[],
  ): Promise<string>;
  /** One more API key of a user, with these scopes alone; made in the database, as an expired one has to be. */
  addKey(user: TestUser, options: { scopes?: readonly ApiKeyScope[]; expiresAt?: Date }): Promise<TestUser>;
  /** The user with a session of a browser instead of a key. */
  signIn(user: TestUser): Promise<TestUser & { readonly cookie: string }>;
  /** One more server on the same database, queue and files. */
  startAnother(options?: {
    socketRecheckMs?: number;
    livePollMs?: number;
  }): Promise<{ readonly url: string; stop(): Promise<void> }>;
  stop(): Promise<void>;
}

/** A server in this process on a database of its own, reached over real HTTP. */
export async function startTestServer(
  env: Readonly<Record<string, string>> = {},
  /**
   * `recheckMs`: how often it asks again who is at the other end of what takes long, in milliseconds; `doesDuties`: whether
   * it does what is due beside requests.
   */
  { recheckMs = 200, doesDuties = true }: { readonly recheckMs?: number; readonly doesDuties?: boolean } = {},
): Promise<TestServer> {
  const created = await createTestDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-server-'));
  const { redisUrl } = readTestServices();
  const config = readConfig({
    DATABASE_URL: created.url,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    REDIS_PREFIX: `test-${randomBytes(8).toString('hex')}`,
    DATA_DIR: dataDir,
    WEB_DIR: path.join(dataDir, 'web'),
    PORT: '0',
    DRAIN_MS: '1000',
    SECRETS_KEY: 'a key that only tests encrypt with',
    // Tests do in seconds what a person does in an hour; those about the limits set their own.
    API_RATE_BURST: '100000',
    RUN_START_BURST: '100000',
    RUN_ACTIVE_PER_USER: '100000',
    PATH: readToolPlaces().searchPath,
    ...anyBuildInEnvironment,
    ...env,
  });
  const start = ({ socketRecheckMs = recheckMs, livePollMs }: { socketRecheckMs?: number; livePollMs?: number } = {}) =>
    startServer({
      config,
      logger: pino({ level: 'silent' }),
      scrubber: createScrubber(),
      version: '0.0.0-test',
      newId: () => uuidv7(),
      socketRecheckMs,
      livePollMs,
      doesDuties,
      passwordCost: cheapPasswordCost,
      // Runs stay as the test leaves them.
      sweeperTimes: { ...defaultSweeperTimes, intervalMs: 3_600_000, overdueMs: 3_600_000, leaseMs: 3_600_000 },
    });
  const running = await start();
  const agent = new Agent();
  const call: TestServer['call'] = (method, requestPath, options = {}) =>
    send(agent, method, new URL(`${running.localUrl}${requestPath}`), options);
  const database = openDatabase(created.url, { poolSize: 3, applicationName: 'heddle-test', onError: () => {} });

  const asUser = (id: string, email: string, key: string): TestUser => ({
    id,
    email,
    key,
    call: (method, requestPath, options = {}) =>
      call(method, requestPath, {
        ...options,
        headers: { authorization: `Bearer ${key}`, ...options.headers },
      }),
  });
  const addKey: TestServer['addKey'] = async ({ id, email }, { scopes = apiKeyScopes, expiresAt = null }) => {
    const key = newApiKey();
    await insertApiKeyOnce(database.db, {
      id: randomUUID(),
      userId: id,
      name: 'test',
      prefix: keyPrefix(key),
      keyHash: hashSecret(key),
      scopes,
      expiresAt,
    });
    return asUser(id, email, key);
  };

  return {
    url: running.localUrl,
    running,
    config,
    database,
    dataDir,
    call,
    addUser: async (role = 'member') => {
      const email = `${randomUUID()}@example.com`;
      const user = await insertUserOnce(database.db, {
        id: `user_${randomUUID()}`,
        email,
        role,
        passwordHash: null,
      });
      if (user === null) throw new Error('a new user is not there');
      return addKey(asUser(user.id, email, ''), {});
    },
    addKey,
    addWorkspace: async (admin, members = []) => {
      const id = `workspace_${randomUUID()}`;
      await createWorkspace(database.db, { id, name: 'Team', createdBy: admin.id });
      for (const [{ id: accountId }, role] of members) {
        await addWorkspaceMember(database.db, { workspaceId: id, accountId, role, via: 'invited' });
      }
      return id;
    },
    signIn: async (user) => {
      const token = newSecret();
      await insertSession(database.db, {
        id: randomUUID(),
        userId: user.id,
        tokenHash: hashSecret(token),
        ttlMs: 3_600_000,
        method: 'password',
        userAgent: null,
        address: null,
      });
      const cookie = `${sessionCookie}=${token}`;
      const withCookie: TestUser['call'] = (method, requestPath, options = {}) =>
        call(method, requestPath, { ...options, headers: { cookie, ...options.headers } });
      return { ...user, cookie, call: withCookie };
    },
    startAnother: async (options) => {
      const another = await start(options);
      return { url: another.localUrl, stop: () => another.stop() };
    },
    stop: async () => {
      const connectionsEnd = agent.close();
      await running.stop();
      await connectionsEnd;
      await database.stop();
      await created.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Redirects are answers. */
async function send(agent: Agent, method: string, url: URL, options: CallOptions): Promise<TestAnswer> {
  const { status, headers, text } =
    options.raw === undefined ? await sendJson(agent, method, url, options) : await sendRaw(method, url, options);
  const isJson = /\bjson\b/.test(headers.get('content-type') ?? '');
  return { status, headers, text, body: isJson && text ? JSON.parse(text) : {} };
}

/** Less work than `fetch`, and most requests of tests are such. */
async function sendJson(agent: Agent, method: string, url: URL, { body, headers }: CallOptions) {
  const answer = await request(url, {
    dispatcher: agent,
    method: method as Dispatcher.HttpMethod,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const lines = Object.entries(answer.headers).flatMap(([name, value = []]) =>
    [value].flat().map((line): [string, string] => [name, line]),
  );
  return { status: answer.statusCode, headers: new Headers(lines), text: await answer.body.text() };
}

async function sendRaw(method: string, url: URL, { raw, headers }: CallOptions) {
  const answer = await fetch(url, {
    method,
    headers,
    body: raw,
    redirect: 'manual',
    ...(raw instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** A valid graph of a text and a delay, which runs without anything from outside. */
export function smallGraph(text = 'hello') {
  return {
    nodes: [
      { id: 'a', type: 'text', position: { x: 0, y: 0 }, data: { label: 'A', text } },
      { id: 'b', type: 'delay', position: { x: 200, y: 0 }, data: { label: 'B', ms: 0 } },
    ],
    edges: [{ id: 'e1', source: 'a', sourceHandle: 'output', target: 'b', targetHandle: 'input' }],
  };
}
