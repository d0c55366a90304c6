import type { KnownFile } from '../../core/triggers/new-files.ts';
import { batchOf, statement, storableJson, storedMessage, type Queryable } from '../statement.ts';
import { columns, type TriggerRow } from './rows.ts';

/** Somebody who has begun to look into a folder keeps others away for so long, in seconds; each file renews it. */
const leaseSeconds = 60;

/*
 * claim-file-triggers: triggers into whose folders it is time to look.
 *
 * $1: what time it is; null: by the clock of the database. $2: so many at most.
 * Locks   the triggers that nobody else holds.
 * Relies  on triggers_look.
 */
const claim = statement<TriggerRow & { readonly now: Date }>(
  'claim-file-triggers',
  `with clock as materialized (select coalesce($1::timestamptz, clock_timestamp()) as now),
   due as materialized (
     select t.id from triggers t cross join clock c
      where t.look_at is not null and t.look_at <= c.now and t.enabled
      order by t.look_at limit $2
        for no key update of t skip locked
   )
   update triggers t set look_at = c.now + make_interval(secs => ${leaseSeconds})
     from due d cross join clock c where t.id = d.id
   returning ${columns}, c.now`,
);

/** A trigger whose folder is to be looked into, and what time it is. */
export type ClaimedFolder = TriggerRow & { readonly now: Date };

/** @param now what time it is; null: by the clock of the database */
export function claimFileTriggers(on: Queryable, now: Date | null, limit: number): Promise<ClaimedFolder[]> {
  return claim(on, [now, limit]);
}

const again = statement(
  'look-again',
  `update triggers set look_at = coalesce($2::timestamptz, clock_timestamp()) + make_interval(secs => $3 / 1000.0),
          paused_reason = case when enabled then $4 else paused_reason end
    where id = $1 and kind = 'file'`,
);

/** The folder is looked into again `waitMs` after `now`; null: by the clock of the database. `problem`: why it could not be this time; null: nothing is wrong. */
export async function lookAgain(
  on: Queryable,
  id: string,
  { now, waitMs, problem }: { readonly now: Date | null; readonly waitMs: number; readonly problem: string | null },
): Promise<void> {
  await again(on, [id, now, waitMs, problem === null ? null : storedMessage(problem)]);
}

const list = statement<{ path: string; bytes: string; mark: string; seenAt: Date; isTaken: boolean }>(
  'list-trigger-files',
  `select path, bytes, mark, seen_at as "seenAt", is_taken as "isTaken" from trigger_files where trigger_id = $1`,
);

/** What is remembered of the files in the folder of a trigger, by their paths. */
export async function listTriggerFiles(on: Queryable, triggerId: string): Promise<Map<string, KnownFile>> {
  const rows = await list(on, [triggerId]);
  return new Map(
    rows.map(({ bytes, seenAt, ...row }) => [row.path, { ...row, bytes: Number(bytes), seenAtMs: seenAt.getTime() }]),
  );
}

const remember = statement(
  'remember-trigger-files',
  `insert into trigger_files (trigger_id, path, bytes, mark, seen_at, is_taken)
   select t.id, f.path, f.bytes, f.mark, $3, $4
     from triggers t cross join jsonb_to_recordset($2::jsonb) as f (path text, bytes bigint, mark text)
    where t.id = $1
   on conflict (trigger_id, path) do update set
     bytes = excluded.bytes, mark = excluded.mark, seen_at = excluded.seen_at, is_taken = excluded.is_taken
    -- What was there before and is not taken yet stays so.
    where not $4 or trigger_files.mark <> excluded.mark`,
);

/** Remembers files as they are. `isTaken`: they start nothing. */
export async function rememberFiles(
  on: Queryable,
  triggerId: string,
  files: readonly { readonly path: string; readonly bytes: number; readonly mark: string }[],
  { at, isTaken }: { readonly at: Date; readonly isTaken: boolean },
): Promise<void> {
  if (files.length === 0) return;
  const rows = files.map(({ path, bytes, mark }) => ({ path, bytes, mark }));
  await remember(on, [triggerId, batchOf(rows), at, isTaken]);
}

const forget = statement(
  'forget-trigger-files',
  'delete from trigger_files where trigger_id = $1 and path = any ($2::text[])',
);

/** Forgets files that are not there any more. */
export async function forgetFiles(on: Queryable, triggerId: string, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await forget(on, [triggerId, paths]);
}

/** A new file, and what is to come of it. */
export interface TakenFile {
  readonly triggerId: string;
  readonly path: string;
  readonly mark: string;
  /** Of the fire, and of its run. */
  readonly id: string;
  /** The same for the same content. */
  readonly key: string;
  readonly at: Date;
  /** Null: it is refused. */
  readonly inputs: Readonly<Record<string, unknown>> | null;
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

/*
 * take-trigger-file: writes a fire for a new file, where its content has none yet, and remembers the file as taken. A file
 * that was written meanwhile is not.
 *
 * Locks   the file's row, then what the fire needs.
 * Relies  on trigger_fires (trigger_id, fire_key).
 */
const take = statement<{ fires: number }>(
  'take-trigger-file',
  `with taken as materialized (
     update trigger_files set is_taken = true where trigger_id = $1 and path = $2 and mark = $3 and not is_taken
     returning trigger_id
   ),
   written as (
     insert into trigger_fires (id, trigger_id, fire_key, due_at, status, inputs, code, reason, try_at)
     select $4, t.trigger_id, $5, $6, case when $7::jsonb is null then 'refused' else 'due' end, $7::jsonb, $8, $9,
            case when $7::jsonb is not null then $6::timestamptz end
       from taken t
     on conflict (trigger_id, fire_key) do nothing
     returning id
   ),
   renewed as (
     update triggers t set look_at = greatest(t.look_at, $6::timestamptz + make_interval(secs => ${leaseSeconds}))
       from taken k where t.id = k.trigger_id
   )
   select count(*)::integer as fires from written`,
);

/** Whether it is the first file with this content. */
export async function takeFile(on: Queryable, file: TakenFile): Promise<boolean> {
  const { triggerId, path, mark, id, key, at, inputs, refusal } = file;
  const stored = inputs === null ? null : storableJson(JSON.stringify(inputs));
  const why = refusal === null ? [null, null] : [refusal.code, storedMessage(refusal.message)];
  return (await take(on, [triggerId, path, mark, id, key, at, stored, ...why]))[0]!.fires > 0;
}
