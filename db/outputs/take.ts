import type { NodeOutputs } from '../../core/node-type/values.ts';
import { batchOf, statement, type Queryable } from '../statement.ts';

/** An attempt that makes an output, or would. */
export interface Maker {
  readonly id: string;
  readonly attempt: number;
}

export interface OutputTurn {
  /** True: the output is this attempt's to make. */
  readonly isTaken: boolean;
  /** What was there before; null where nothing was, or where it is being made. */
  readonly outputs: NodeOutputs | null;
}

const take = statement<OutputTurn>(
  'take-output',
  `with taken as (
     insert into output_cache (user_id, key, made_by, attempt) values ($1, $2, $3, $4)
     on conflict (user_id, key) do nothing
     returning key
   )
   select exists (select from taken) as "isTaken", c.output_data as outputs
     from (select) one left join output_cache c on c.user_id = $1 and c.key = $2`,
);

/**
 * Looks up an earlier output of a user by its cache key and, where there is
 * none, puts this attempt down as the one that makes it. Neither: somebody else
 * is at it, or was. Whether the files of an output still exist is the caller's
 * check.
 */
export async function takeOutput(on: Queryable, userId: string, key: string, maker: Maker): Promise<OutputTurn> {
  const [turn] = await take(on, [userId, key, maker.id, maker.attempt]);
  return turn!;
}

/** Where an output stands that somebody took. */
export interface OutputState {
  readonly userId: string;
  readonly key: string;
  /** What is there: kept, or put out by whoever made it. */
  readonly outputs: NodeOutputs | null;
  /** Whether it is kept in the cache itself. */
  readonly isKept: boolean;
  readonly maker: Maker | null;
  /** Whether that attempt is under way. If not, and without outputs, it is for somebody else to make. */
  readonly isUnderWay: boolean;
}

/*
 * The maker counts for as long as its attempt is RUNNING: a failure, a retry, a
 * rescue, a cancellation and a deletion all end that, without a word to anybody.
 */
const findStates = statement<OutputState>(
  'find-output-states',
  `select w.user_id as "userId", w.key, coalesce(c.output_data, case when n.status = 'COMPLETED' then n.output_data end) as outputs,
          c.output_data is not null as "isKept",
          case when c.made_by is not null then json_build_object('id', c.made_by, 'attempt', c.attempt) end as maker,
          coalesce(n.status = 'RUNNING', false) as "isUnderWay"
     from unnest($1::text[], $2::text[]) as w(user_id, key)
     join output_cache c on c.user_id = w.user_id and c.key = w.key::char(64)
     left join node_executions n on n.id = c.made_by and n.attempt = c.attempt`,
);

/** Of each output that is in the cache or being made. A statement of its own: it sees what others have committed just now. */
export function findOutputStates(
  on: Queryable,
  wanted: readonly { readonly userId: string; readonly key: string }[],
): Promise<OutputState[]> {
  return findStates(on, [wanted.map(({ userId }) => userId), wanted.map(({ key }) => key)]);
}

const takeOver = statement<{ key: string }>(
  'take-over-output',
  `update output_cache c set made_by = $3, attempt = $4, output_data = null, created_at = clock_timestamp()
    where c.user_id = $1 and c.key = $2 and c.made_by is not distinct from $5::uuid and c.attempt is not distinct from $6::integer
      and (c.output_data is not null) = $7
   returning c.key`,
);

/** Puts an attempt down as the maker in place of the one that was found. False: somebody else was first. */
export async function takeOverOutput(on: Queryable, found: OutputState, maker: Maker): Promise<boolean> {
  const { userId, key, maker: before, isKept } = found;
  const values = [userId, key, maker.id, maker.attempt, before?.id ?? null, before?.attempt ?? null, isKept];
  return (await takeOver(on, values)).length > 0;
}

const restart = statement(
  'restart-clocks',
  `update node_executions n set started_at = clock_timestamp()
     from unnest($1::uuid[], $2::integer[]) as i(id, attempt)
    where n.id = any ($1::uuid[]) and n.id = i.id and n.attempt = i.attempt and n.status = 'RUNNING'`,
);

/** Attempts that waited for others begin now: their time limit counts from here. */
export async function restartClocks(on: Queryable, attempts: readonly Maker[]): Promise<void> {
  await restart(on, [attempts.map(({ id }) => id), attempts.map(({ attempt }) => attempt)]);
}

export interface CachedOutput {
  readonly key: string;
  /** Null where it would have been too much with those before it. */
  readonly outputs: NodeOutputs | null;
  /** Of its JSON. */
  readonly characters: number;
  readonly madeAt: Date;
}

const findMany = statement<CachedOutput>(
  'find-many-cached-outputs',
  `select c.key, c.made_at as "madeAt", c.characters,
          case when sum(c.characters) over (order by c.key) <= $3 then c.output_data end as outputs
     from (select key, created_at as made_at, output_data, length(output_data::text) as characters
             from output_cache
            where user_id = $1 and key = any ($2::char(64)[]) and output_data is not null) c`,
);

/** Earlier outputs of a user by cache key, at most so many characters of JSON in all. Whether their files still exist is the caller's check. */
export function findCachedOutputs(
  on: Queryable,
  userId: string,
  keys: readonly string[],
  maxCharacters: number,
): Promise<CachedOutput[]> {
  return findMany(on, [userId, keys, maxCharacters]);
}

const save = statement(
  'save-cached-outputs',
  `insert into output_cache as c (user_id, key, output_data, made_by, attempt)
   select i.user_id, i.key, i.outputs, i.made_by, i.attempt
     from jsonb_to_recordset($1::jsonb) as i(user_id text, key text, outputs jsonb, made_by uuid, attempt integer)
    order by i.user_id, i.key
   on conflict (user_id, key) do update
     set output_data = excluded.output_data, made_by = excluded.made_by, attempt = excluded.attempt,
         created_at = clock_timestamp()
   where c.output_data is null`,
);

export interface CacheEntry {
  readonly userId: string;
  readonly key: string;
  readonly outputs: NodeOutputs;
  readonly maker: Maker;
}

/** Keeps outputs for later; the first one under a key stays. */
export async function saveCachedOutputs(on: Queryable, entries: readonly CacheEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const unique = new Map(entries.map((entry) => [`${entry.userId} ${entry.key}`, entry]));
  await save(on, [
    batchOf(
      [...unique.values()].map(({ userId, key, outputs, maker }) => ({
        user_id: userId,
        key,
        outputs,
        made_by: maker.id,
        attempt: maker.attempt,
      })),
    ),
  ]);
}
