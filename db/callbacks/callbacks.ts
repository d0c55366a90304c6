import { sql } from 'kysely';
import type { Callback, CallbackEvent } from '../../core/api/callbacks.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { queryableOf } from '../queryable.ts';
import { statement, type Queryable } from '../statement.ts';
import { lookBackSeconds } from './messages.ts';

const columns = `c.id, c.workflow_id as "workflowId", c.url, c.events, c.enabled, c.has_old_secret as "hasOldSecret",
  c.paused_reason as "pausedReason",
  c.created_at as "createdAt"`;

type Row = Omit<Callback, 'createdAt'> & { readonly createdAt: Date };

const callbackOf = (row: Row): Callback => ({ ...row, createdAt: row.createdAt.toISOString() });

interface NewCallback {
  readonly id: string;
  readonly workflowId: number;
  readonly userId: string;
  readonly url: string;
  readonly events: readonly CallbackEvent[];
  readonly sealed: Buffer;
}

const insert = statement<Row>(
  'insert-callback',
  `with c as (
     insert into workflow_callbacks (id, workflow_id, user_id, url, events, sealed)
     select $1, w.id, w.user_id, $4, $5, $6 from workflows w where w.id = $2 and w.user_id = $3 for key share
     returning *
   )
   select ${columns} from c`,
);

/**
 * Stores a new callback of a user's workflow. `full` where the user has `most` of them, `barred` where the account was
 * removed or may not run anything (any more), `missing` where the user has no such workflow (any more).
 */
export function insertCallback(
  db: Db,
  callback: NewCallback,
  most: number,
): Promise<Callback | 'full' | 'barred' | 'missing'> {
  return db.transaction().execute(async (trx) => {
    const { id, workflowId, userId, url, events, sealed } = callback;
    const role = await holdAccount(trx, userId);
    if (role === null || role === 'viewer') return 'barred';
    const { count } = await trx
      .selectFrom('workflow_callbacks')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    if (count >= most) return 'full';
    const [row] = await insert(queryableOf(trx), [id, workflowId, userId, url, events, sealed]);
    return row === undefined ? 'missing' : callbackOf(row);
  });
}

const list = statement<Row>(
  'list-callbacks',
  `select ${columns} from workflow_callbacks c where c.workflow_id = $1 and c.user_id = $2 order by c.created_at, c.id`,
);

/** The callbacks of a user's workflow, the oldest first. */
export async function listCallbacks(
  on: Queryable,
  { workspaceId }: InWorkspace,
  workflowId: number,
): Promise<Callback[]> {
  return (await list(on, [workflowId, workspaceId])).map(callbackOf);
}

const find = statement<{ id: string }>(
  'find-callback',
  'select id from workflow_callbacks where id = $1 and user_id = $2',
);

/** Whether a user has a callback of that id. */
export async function hasCallback(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<boolean> {
  return (await find(on, [id, workspaceId])).length > 0;
}

const change = statement<Row>(
  'change-callback',
  `update workflow_callbacks c set
     url = coalesce($3, c.url), events = coalesce($4::text[], c.events), enabled = coalesce($5, c.enabled),
     paused_reason = case when $5 then null else c.paused_reason end,
     -- What ended while it was off is told to nobody.
     looked_until = case when $5 and not c.enabled then clock_timestamp() + make_interval(secs => ${lookBackSeconds})
                         else c.looked_until end
    from users u
   where c.id = $1 and c.user_id = $2 and u.id = c.user_id and u.removed_at is null and u.role <> 'viewer'
  returning ${columns}`,
);

/** Null where the user has none of that id, or may not run anything (any more). */
export async function changeCallback(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
  to: {
    readonly url?: string | undefined;
    readonly events?: readonly CallbackEvent[] | undefined;
    readonly enabled?: boolean | undefined;
  },
): Promise<Callback | null> {
  const [row] = await change(on, [id, workspaceId, to.url ?? null, to.events ?? null, to.enabled ?? null]);
  return row === undefined ? null : callbackOf(row);
}

const remove = statement<{ url: string }>(
  'delete-callback',
  'delete from workflow_callbacks where id = $1 and user_id = $2 returning url',
);

/** False where the user has none of that id. */
export async function deleteCallback(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<boolean> {
  return (await remove(on, [id, workspaceId])).length > 0;
}

const sealedOf = statement<{ sealed: Buffer }>(
  'find-callback-secrets',
  'select sealed from workflow_callbacks where id = $1 and user_id = $2',
);

/** The secrets of a user's callback as they are sealed; null where the user has none of that id. */
export async function findCallbackSecrets(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
): Promise<Buffer | null> {
  return (await sealedOf(on, [id, workspaceId]))[0]?.sealed ?? null;
}

const changeSecrets = statement<{ id: string }>(
  'change-callback-secrets',
  `update workflow_callbacks c set sealed = $4, has_old_secret = $5
     from users u
    where c.id = $1 and c.user_id = $2 and c.sealed = $3
      and u.id = c.user_id and u.removed_at is null and u.role <> 'viewer'
   returning c.id`,
);

/** Puts other secrets in the place of those that were read. False where they were changed meanwhile, or the user may not. */
export async function changeCallbackSecrets(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
  change: { readonly from: Buffer; readonly to: Buffer; readonly hasOld: boolean },
): Promise<boolean> {
  return (await changeSecrets(on, [id, workspaceId, change.from, change.to, change.hasOld])).length > 0;
}
