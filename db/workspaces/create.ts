import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';

interface NewWorkspace {
  readonly id: string;
  readonly name: string;
  /** The account that is its first admin. */
  readonly createdBy: string;
}

/** Makes a workspace with its first admin. Call it in a transaction. */
export async function createWorkspace(trx: Db, { id, name, createdBy }: NewWorkspace): Promise<void> {
  // No address: its id stands there, which nobody can sign in with or be invited by.
  await trx.insertInto('users').values({ id, email: id, kind: 'workspace' }).execute();
  await trx.insertInto('workspaces').values({ id, name, created_by: createdBy }).execute();
  await trx
    .insertInto('workspace_members')
    .values({ workspace_id: id, account_id: createdBy, role: 'admin' })
    .execute();
}

/** How many workspaces an account may be in, and how many of those that are there it may have made. */
export interface WorkspaceLimits {
  readonly joined: number;
  readonly made: number;
}

/**
 * The same within limits that also hold for requests that cross; a deleted workspace counts until its time is over. `full`:
 * the account is in as many as it may be; `made enough`: it has made as many; `gone`: it was removed.
 */
export function createWorkspaceWithin(
  db: Db,
  workspace: NewWorkspace,
  limits: WorkspaceLimits,
): Promise<'created' | 'full' | 'made enough' | 'gone'> {
  return db.transaction().execute(async (trx) => {
    const { createdBy } = workspace;
    if ((await holdAccount(trx, createdBy)) === null) return 'gone';
    const { joined, made } = await trx
      .selectNoFrom([
        sql<number>`(select count(*)::integer from workspace_members where account_id = ${createdBy})`.as('joined'),
        sql<number>`(select count(*)::integer from workspaces where created_by = ${createdBy})`.as('made'),
      ])
      .executeTakeFirstOrThrow();
    if (joined >= limits.joined) return 'full';
    if (made >= limits.made) return 'made enough';
    await createWorkspace(trx, workspace);
    return 'created';
  });
}
