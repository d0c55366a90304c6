import type { Db } from '../client.ts';

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
