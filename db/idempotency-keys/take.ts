import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { statement, type Queryable } from '../statement.ts';

/** A key that a request came with. */
export interface TakenKey {
  readonly userId: string;
  readonly key: string;
  readonly requestHash: string;
  /** The id of what the request is to make. */
  readonly subjectId: string;
}

/*
 * take: keys that nobody has taken yet; of equal ones the first.
 *
 * Locks   the keys, in their order: two statements never wait for each other.
 * Relies  on the primary key.
 */
const take = statement<{ subjectId: string }>(
  'take-idempotency-keys',
  `insert into idempotency_keys (user_id, key, request_hash, subject_id)
   select i.user_id, i.key, i.request_hash, i.subject_id
     from unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) with ordinality
          as i(user_id, key, request_hash, subject_id, place)
    order by i.user_id, i.key, i.place
   on conflict (user_id, key) do nothing
   returning subject_id as "subjectId"`,
);

/** Takes keys for their requests; says of each, in their order, whether it was free. */
export async function takeIdempotencyKeys(on: Queryable, keys: readonly TakenKey[]): Promise<boolean[]> {
  const column = (name: keyof TakenKey) => keys.map((key) => key[name]);
  const taken = await take(on, [column('userId'), column('key'), column('requestHash'), column('subjectId')]);
  const ids = new Set(taken.map(({ subjectId }) => subjectId));
  return keys.map(({ subjectId }) => ids.has(subjectId));
}

/**
 * Takes a key over from a request that did not answer within `abandonedMs`
 * (its server died) or that gave up; returns the id of what it was to make.
 */
export async function takeOverIdempotencyKey(
  db: Db,
  key: { readonly userId: string; readonly key: string; readonly abandonedMs: number },
): Promise<string | null> {
  const row = await db
    .updateTable('idempotency_keys')
    .set({ taken_at: sql<Date>`clock_timestamp()` })
    .where('user_id', '=', key.userId)
    .where('key', '=', key.key)
    .where('status', 'is', null)
    .where(
      'taken_at',
      '<',
      sql<Date>`clock_timestamp() - make_interval(secs => ${key.abandonedMs}::double precision / 1000)`,
    )
    .returning('subject_id')
    .executeTakeFirst();
  return row?.subject_id ?? null;
}
