import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { queryableOf } from '../queryable.ts';
import { statement, storableJson } from '../statement.ts';
import { columns, type LinkRow } from './rows.ts';

/** A link that is to be stored. */
export interface NewLink extends Pick<
  LinkRow,
  'id' | 'workflowId' | 'userId' | 'createdBy' | 'name' | 'expiresAt' | 'maxRuns' | 'inputs' | 'fixed'
> {
  /** SHA-256 of what stands in its address. */
  readonly tokenHash: Buffer;
}

const insert = statement<LinkRow>(
  'insert-app-link',
  `with l as (
     insert into app_links (id, workflow_id, user_id, created_by, name, token_hash, expires_at, max_runs, inputs, fixed)
     select $1, w.id, w.user_id, $4, $5, $6, $7, $8, $9::text[], $10::jsonb
       from workflows w where w.id = $2 and w.user_id = $3 for key share
     returning *
   )
   select ${columns} from l`,
);

/**
 * Stores a new link to a user's workflow. `full` where the user has `most` of them, `barred` where the account was removed
 * or may not run anything (any more), `missing` where the user has no such workflow (any more).
 */
export function insertLink(db: Db, link: NewLink, most: number): Promise<LinkRow | 'full' | 'barred' | 'missing'> {
  return db.transaction().execute(async (trx) => {
    const role = await holdAccount(trx, link.userId);
    if (role === null || role === 'viewer') return 'barred';
    const { count } = await trx
      .selectFrom('app_links')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('user_id', '=', link.userId)
      .executeTakeFirstOrThrow();
    if (count >= most) return 'full';
    const [row] = await insert(queryableOf(trx), [
      link.id,
      link.workflowId,
      link.userId,
      link.createdBy,
      link.name,
      link.tokenHash,
      link.expiresAt,
      link.maxRuns,
      link.inputs,
      storableJson(JSON.stringify(link.fixed)),
    ]);
    return row ?? 'missing';
  });
}
