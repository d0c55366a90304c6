import { randomUUID } from 'node:crypto';
import type { WorkspaceRole } from '../core/scope.ts';
import { insertSession } from '../db/sessions/insert.ts';
import { hashSecret, newSecret } from '../server/auth/secrets.ts';
import type { RunPlayer } from './play-run.ts';
import { smallGraph, type CallOptions, type TestServer, type TestUser } from './test-server.ts';

/** What one user has; made anew for each route that changes something, so that one case cannot spoil the next. */
export interface Things {
  /** It is published. */
  readonly workflow: number;
  readonly slug: string;
  /** Under way. */
  readonly run: string;
  readonly failedRun: string;
  readonly asset: string;
  readonly batch: string;
  /** One of which no row is left; it has a failed one. */
  readonly endedBatch: string;
  readonly trigger: string;
  /** A webhook, and what was delivered to it. */
  readonly hook: string;
  readonly fire: string;
  /** A question that is open. */
  readonly wait: string;
  readonly callback: string;
  readonly message: string;
  /** To the app of the workflow. */
  readonly link: string;
  readonly key: string;
  readonly session: string;
  readonly member: string;
  readonly invitation: string;
  /** A worker session of the installation. */
  readonly worker: string;
  /** Shared with `member`, who is an admin of it as well. */
  readonly team: string;
  /** Somebody who is a member of it once they have an account. */
  readonly invited: string;
  /** A program's account of it, and its key. */
  readonly program: string;
  readonly programKey: string;
  /** One that was deleted and can be restored. */
  readonly deletedTeam: string;
}

export type ThingName = keyof Things;

export const noId = '00000000-0000-4000-8000-000000000000';

/** Ids of no thing at all, in the form that real ones have. */
export const absent: Things = {
  workflow: 2_000_000_000,
  slug: 'nothing-of-that-name',
  run: noId,
  failedRun: noId,
  asset: noId,
  batch: noId,
  endedBatch: noId,
  trigger: noId,
  hook: noId,
  fire: noId,
  wait: noId,
  callback: noId,
  message: noId,
  link: noId,
  key: noId,
  session: noId,
  member: noId,
  invitation: noId,
  worker: noId,
  team: `workspace_${noId}`,
  invited: noId,
  program: `service_${noId}`,
  programKey: noId,
  deletedTeam: `workspace_${noId}`,
};

/** All there are, in the order in which they are made. */
export const everyThing = Object.keys(absent) as readonly ThingName[];

/** What a path is made of. */
export function thingsIn(path: ((things: Things) => string) | undefined): readonly ThingName[] {
  const named = new Set<ThingName>();
  const watched = new Proxy(absent, {
    get(target, name: ThingName) {
      named.add(name);
      return target[name];
    },
  });
  path?.(watched);
  return [...named];
}

/** A schedule, as a route takes it. */
export const schedule = { kind: 'schedule', cron: '0 9 * * MON', timeZone: 'Europe/Berlin' };
/** Public, and nobody is there. */
export const callback = { url: 'https://203.0.114.7/hook', events: ['finished'] };

/** A file to upload. */
export function upload(content: Uint8Array<ArrayBuffer>, name = 'picture.png'): CallOptions {
  const form = new FormData();
  form.set('file', new Blob([content]), name);
  return { raw: form };
}

export interface MakeOptions {
  readonly server: TestServer;
  readonly player: RunPlayer;
  /** Invites, where an owner of the installation is needed; signed in. */
  readonly owner: Pick<TestUser, 'call'>;
  readonly picture: Uint8Array<ArrayBuffer>;
  /** Further members of the team. */
  readonly members?: readonly (readonly [Pick<TestUser, 'email'>, WorkspaceRole])[];
  /** What is made, with what it belongs to; reading anything else fails. Default: one of everything. */
  readonly wanted?: readonly ThingName[];
}

/** Things for a user. */
export async function makeThings(
  { server, player, owner, picture, members = [], wanted = everyThing }: MakeOptions,
  user: Pick<TestUser, 'id' | 'call'>,
): Promise<Things> {
  const { pool, db } = server.database;
  const post = async (path: string, body?: unknown) => (await user.call('POST', path, { body })).body;
  const admin = once(() => server.signIn({ ...user, email: '', key: '', call: server.call }));
  const asAdmin = async (path: string, body: unknown) => (await (await admin()).call('POST', path, { body })).body;

  const published = once(async () => {
    const id: number = (await post('/api/workflows', { name: 'w', data: smallGraph() })).id;
    const slug: string = (await post(`/api/workflows/${id}/publish`)).slug;
    return { id, slug };
  });
  const ofWorkflow = async (path: string, body?: unknown) =>
    post(`/api/workflows/${(await published()).id}/${path}`, body);
  const startRun = async (): Promise<string> => (await ofWorkflow('run')).id;
  const run = once(startRun);
  const makeBatch = async (): Promise<string> => (await ofWorkflow('batches', { rows: [{}] })).id;
  const hook = once(() => ofWorkflow('triggers', { kind: 'webhook' }));
  const told = once(async () => (await ofWorkflow('callbacks', callback)).id as string);
  const memberUser = once(() => server.addUser());
  const team = once(async () => {
    const { id } = await asAdmin('/api/workspaces', { name: 'Team' });
    const colleagues = [[await memberUser(), 'admin'] as const, ...members];
    for (const [{ email }, role] of colleagues) await asAdmin(`/api/workspaces/${id}/members`, { email, role });
    return id as string;
  });
  const program = once(async () => {
    const made = await asAdmin(`/api/workspaces/${await team()}/service-accounts`, { name: 'CI', role: 'runner' });
    return made.accountId as string;
  });

  const makers: { readonly [Name in ThingName]: () => Promise<Things[Name]> } = {
    workflow: async () => (await published()).id,
    slug: async () => (await published()).slug,
    run,
    failedRun: async () => {
      const id = await startRun();
      await player.fail(id, 'broken');
      return id;
    },
    asset: async () => (await user.call('POST', '/api/assets', upload(picture, `${randomUUID()}.png`))).body.id,
    batch: makeBatch,
    endedBatch: async () => {
      const id = await makeBatch();
      await pool.query(`update batch_rows set status = 'failed', claimed_until = null where batch_id = $1`, [id]);
      await pool.query(`update batches set status = 'finished', finished_at = now() where id = $1`, [id]);
      return id;
    },
    trigger: async () => (await ofWorkflow('triggers', schedule)).id,
    hook: async () => (await hook()).id,
    fire: async () => (await server.call('POST', new URL((await hook()).url).pathname)).body.id,
    wait: async () => {
      const asking = await startRun();
      await player.ask(asking, { message: '?', fields: [], buttons: [{ id: 'yes', label: 'Yes' }], choice: null });
      return (await user.call('GET', `/api/waits?runId=${asking}`)).body.items[0].id;
    },
    callback: told,
    message: async () => {
      const id = randomUUID();
      await pool.query(
        `insert into callback_messages (id, callback_id, run_id, event, try_at)
         values ($1, $2, $3, 'run.finished', '2500-01-01')`,
        [id, await told(), await run()],
      );
      return id;
    },
    link: async () => (await ofWorkflow('links')).id,
    key: async () => (await post('/api/keys', { name: 'extra' })).id,
    session: async () => {
      const id = randomUUID();
      await insertSession(db, {
        id,
        userId: user.id,
        tokenHash: hashSecret(newSecret()),
        ttlMs: 3_600_000,
        method: 'password',
        userAgent: 'a browser',
        address: '127.0.0.1',
      });
      return id;
    },
    member: async () => {
      await team();
      return (await memberUser()).id;
    },
    invitation: async () => {
      const invitation = { email: `${randomUUID()}@example.com`, role: 'member' };
      return (await owner.call('POST', '/api/invitations', { body: invitation })).body.id;
    },
    worker: async () => player.workerId,
    team,
    invited: async () => {
      const invitation = { email: `${randomUUID()}@example.com`, role: 'viewer' };
      return (await asAdmin(`/api/workspaces/${await team()}/members`, invitation)).invited.id;
    },
    program,
    programKey: async () => {
      const accounts = `/api/workspaces/${await team()}/service-accounts`;
      return (await asAdmin(`${accounts}/${await program()}/keys`, { name: 'CI' })).id;
    },
    deletedTeam: async () => {
      const { id } = await asAdmin('/api/workspaces', { name: 'Gone' });
      await (await admin()).call('DELETE', `/api/workspaces/${id}`);
      return id;
    },
  };

  const made: Partial<Record<ThingName, unknown>> = {};
  for (const name of everyThing) if (wanted.includes(name)) made[name] = await makers[name]();
  return new Proxy(made as Things, {
    get(target, name) {
      if (typeof name === 'string' && name in absent && !(name in target)) {
        throw new Error(`The test did not ask for the thing "${name}".`);
      }
      return Reflect.get(target, name) as unknown;
    },
  });
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => (made ??= make());
}
