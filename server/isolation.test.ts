import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemSchema } from '../core/api/common.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import {
  smallGraph,
  startTestServer,
  type CallOptions,
  type TestServer,
  type TestUser,
} from '../testing/test-server.ts';
import type { AnyRoute } from './http/route.ts';

/** What one user has; made anew for each route, so that one case cannot spoil the next. */
interface Things {
  readonly workflow: number;
  /** Under way. */
  readonly run: string;
  readonly failedRun: string;
  readonly asset: string;
  readonly key: string;
}

interface RouteCase {
  /** The path with real ids in it; default: as it is. */
  readonly path?: (things: Things) => string;
  readonly options?: () => CallOptions;
  /** What the owner of the things gets. */
  readonly own: number;
  /**
   * What another user gets: `missing` is the answer of a thing that does not
   * exist; `nothing of it` is a list or a new thing without anything of the owner's.
   */
  readonly other: 'missing' | 'nothing of it' | 'forbidden';
}

const body = (value: unknown) => () => ({ body: value });
const file = () => {
  const form = new FormData();
  form.set('file', new Blob([picture]), 'picture.png');
  return { raw: form };
};

/** Every route that asks who is there. A route without a case fails the first test. */
const cases: Readonly<Record<string, RouteCase>> = {
  'get /api/workflows': { own: 200, other: 'nothing of it' },
  'post /api/workflows': { options: body({ name: 'n', data: smallGraph() }), own: 201, other: 'nothing of it' },
  'get /api/workflows/:id': { path: ({ workflow }) => `/api/workflows/${workflow}`, own: 200, other: 'missing' },
  'put /api/workflows/:id': {
    path: ({ workflow }) => `/api/workflows/${workflow}`,
    options: body({ name: 'renamed' }),
    own: 200,
    other: 'missing',
  },
  'delete /api/workflows/:id': { path: ({ workflow }) => `/api/workflows/${workflow}`, own: 204, other: 'missing' },
  'post /api/workflows/:id/run': {
    path: ({ workflow }) => `/api/workflows/${workflow}/run`,
    own: 202,
    other: 'missing',
  },
  'post /api/workflows/:id/plan': {
    path: ({ workflow }) => `/api/workflows/${workflow}/plan`,
    own: 200,
    other: 'missing',
  },
  'get /api/workflows/:id/runs': {
    path: ({ workflow }) => `/api/workflows/${workflow}/runs`,
    own: 200,
    other: 'missing',
  },
  'get /api/runs': { own: 200, other: 'nothing of it' },
  'get /api/runs/:id': { path: ({ run }) => `/api/runs/${run}`, own: 200, other: 'missing' },
  'get /api/runs/:id/graph': { path: ({ run }) => `/api/runs/${run}/graph`, own: 200, other: 'missing' },
  'get /api/runs/:id/events': { path: ({ run }) => `/api/runs/${run}/events`, own: 200, other: 'missing' },
  'post /api/runs/:id/cancel': { path: ({ run }) => `/api/runs/${run}/cancel`, own: 202, other: 'missing' },
  'post /api/runs/:id/retry': { path: ({ failedRun }) => `/api/runs/${failedRun}/retry`, own: 202, other: 'missing' },
  'delete /api/runs/:id': { path: ({ failedRun }) => `/api/runs/${failedRun}`, own: 204, other: 'missing' },
  'post /api/assets': { options: file, own: 201, other: 'nothing of it' },
  'get /api/assets': { own: 200, other: 'nothing of it' },
  'get /api/assets/:id': { path: ({ asset }) => `/api/assets/${asset}`, own: 200, other: 'missing' },
  'get /api/assets/:id/content': { path: ({ asset }) => `/api/assets/${asset}/content`, own: 200, other: 'missing' },
  'get /api/assets/:id/thumbnail': {
    path: ({ asset }) => `/api/assets/${asset}/thumbnail`,
    own: 200,
    other: 'missing',
  },
  'get /api/node-types': { own: 200, other: 'nothing of it' },
  // Nobody configured a model: the question itself is allowed.
  'post /api/llm/execute': {
    options: body({ model: 'gemini-x', userMessage: 'hi' }),
    own: 422,
    other: 'nothing of it',
  },
  'get /api/models': { own: 200, other: 'nothing of it' },
  'get /api/keys': { own: 200, other: 'nothing of it' },
  'post /api/keys': { options: body({ name: 'k' }), own: 201, other: 'nothing of it' },
  'delete /api/keys/:id': { path: ({ key }) => `/api/keys/${key}`, own: 204, other: 'missing' },
  'post /api/auth/sign-out': { own: 204, other: 'nothing of it' },
  'get /api/me': { own: 200, other: 'nothing of it' },
  'get /api/usage': { own: 200, other: 'nothing of it' },
  'get /api/workers': { own: 403, other: 'forbidden' },
  'get /api/queues': { own: 403, other: 'forbidden' },
};

/** Ids of no thing at all, in the form that real ones have. */
const absent: Things = {
  workflow: 2_000_000_000,
  run: '00000000-0000-4000-8000-000000000000',
  failedRun: '00000000-0000-4000-8000-000000000000',
  asset: '00000000-0000-4000-8000-000000000000',
  key: '00000000-0000-4000-8000-000000000000',
};

let server: TestServer;
let owner: TestUser;
let other: TestUser;
let player: RunPlayer;
let picture: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.addUser();
  other = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  picture = new Uint8Array(await readFile(await makePicture('png')));
});
afterAll(() => server.stop());

async function makeThings(user: TestUser): Promise<Things> {
  const workflow = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body.id;
  const run = (await user.call('POST', `/api/workflows/${workflow}/run`)).body.id;
  const failedRun = (await user.call('POST', `/api/workflows/${workflow}/run`)).body.id;
  await player.fail(failedRun, 'broken');
  const asset = (await user.call('POST', '/api/assets', file())).body.id;
  const key = (await user.call('POST', '/api/keys', { body: { name: 'extra' } })).body.id;
  return { workflow, run, failedRun, asset, key };
}

const nameOf = (route: AnyRoute) => `${route.method} ${route.path}`;

test('every route that asks who is there has a case, and every case a route', () => {
  const guarded = server.running.routes.filter((route) => route.auth !== 'none').map(nameOf);
  expect(Object.keys(cases).toSorted()).toEqual(guarded.toSorted());
});

test('only these routes are open to anybody', () => {
  const open = server.running.routes.filter((route) => route.auth === 'none').map(nameOf);
  expect(open.toSorted()).toEqual([
    'get /api/config',
    'get /api/limits',
    'get /api/openapi.json',
    'post /api/auth/sign-in',
  ]);
});

describe.each(Object.entries(cases))('%s', (name, routeCase) => {
  const [method = '', template = ''] = name.split(' ');
  const ask = (user: Pick<TestUser, 'call'>, things: Things, headers: Record<string, string> = {}) => {
    const { raw, body: json } = routeCase.options?.() ?? {};
    const path = routeCase.path?.(things) ?? template;
    return user.call(method.toUpperCase(), path, { raw, body: json, headers });
  };

  test('answers 401 without a credential and with a wrong one', async () => {
    const missing = await ask(server, absent);
    expect({ status: missing.status, code: missing.body.code }).toEqual({ status: 401, code: 'AUTH_REQUIRED' });
    for (const authorization of ['Bearer hdl_x', `Bearer hdl_${'A'.repeat(43)}`, 'Basic dTpw', 'Bearer ']) {
      const wrong = await ask(server, absent, { authorization });
      expect({ status: wrong.status, code: wrong.body.code }).toEqual({ status: 401, code: 'AUTH_INVALID' });
    }
    expect((await ask(server, absent, { cookie: 'heddle_session=abc' })).body.code).toBe('AUTH_INVALID');
  });

  test('shows somebody else nothing, and lets the owner in', async () => {
    const things = await makeThings(owner);
    const theirs = await ask(other, things);
    if (routeCase.other === 'missing') {
      // The same answer as for a thing that does not exist, so that existence is not revealed.
      const none = await ask(other, absent);
      expect(theirs.status).toBe(404);
      expect(problemSchema.parse(theirs.body).code).toBe(none.body.code);
    } else if (routeCase.other === 'forbidden') {
      expect({ status: theirs.status, code: theirs.body.code }).toEqual({ status: 403, code: 'SCOPE_MISSING' });
    } else {
      for (const id of [things.run, things.failedRun, things.asset, things.key, owner.id]) {
        expect(theirs.text).not.toContain(id);
      }
    }
    expect((await ask(owner, things)).status).toBe(routeCase.own);
  });
});
