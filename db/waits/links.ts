import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { statement, type Queryable } from '../statement.ts';
import { foundWaitOf, selectWaits, type FoundWait } from './rows.ts';

/** A question that whoever has its link may answer, or has answered. */
export interface LinkedWait {
  readonly found: FoundWait;
  /** The workspace that its run is of. */
  readonly workspaceId: string;
  /** Whether that is shared, and no account's own. */
  readonly isTeam: boolean;
}

/**
 * The question whose address holds a token of that hash; null where there is none, members alone may answer it, its time is
 * over, it ended with its run, or its owner may not run anything (any more). Relies on waits (token_hash).
 */
export async function findLinkedWait(db: Db, tokenHash: Buffer): Promise<LinkedWait | null> {
  const row = await selectWaits(db)
    .innerJoin('users as u', 'u.id', 'q.user_id')
    .select(['u.id as workspace_id', 'u.kind as owner_kind'])
    .where('q.token_hash', '=', tokenHash)
    .where('u.removed_at', 'is', null)
    .where('u.role', '<>', 'viewer')
    .where(
      sql<boolean>`case when q.resolved_at is null then q.due_at is null or q.due_at > clock_timestamp()
                        else q.resolution ->> 'outcome' = 'answered' end`,
    )
    .executeTakeFirst();
  if (row === undefined) return null;
  const found = foundWaitOf(row);
  if (found.question.byLink !== true) return null;
  return { found, workspaceId: row.workspace_id, isTeam: row.owner_kind === 'workspace' };
}

/** The hash of what stands in the address of a question. */
export interface LinkHash {
  readonly id: string;
  readonly tokenHash: Buffer;
}

/*
 * keep-link-hashes: open questions are found by these from here on.
 *
 * Locks   the waits that nobody else holds: whoever does ends them, or writes the same.
 */
const keep = statement(
  'keep-link-hashes',
  `with held as materialized (
     select w.id, i.hash from unnest($1::uuid[], $2::bytea[]) as i (id, hash) join waits w on w.id = i.id
      where w.resolved_at is null for update of w skip locked
   )
   update waits w set token_hash = h.hash from held h where w.id = h.id`,
);

/** Makes open questions answerable by addresses with tokens of these hashes. */
export async function keepLinkHashes(on: Queryable, hashes: readonly LinkHash[]): Promise<void> {
  if (hashes.length === 0) return;
  await keep(on, [hashes.map(({ id }) => id), hashes.map(({ tokenHash }) => tokenHash)]);
}

const among = statement<{ id: string }>(
  'list-workspace-files-among',
  'select a.id from assets a where a.user_id = $1 and a.id = any ($2::uuid[])',
);

/** Of these ids those of files of a workspace. */
export async function listFilesAmong(on: Queryable, workspaceId: string, ids: readonly string[]): Promise<string[]> {
  return ids.length === 0 ? [] : (await among(on, [workspaceId, ids])).map(({ id }) => id);
}
