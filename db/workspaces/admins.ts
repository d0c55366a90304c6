import { sql } from 'kysely';
import { workspaceGraceDays } from '../../core/api/workspaces.ts';
import type { Db } from '../client.ts';

/*
 * Who decides about a workspace: an admin who is a person, whose account is there, whom the identity provider lets in and
 * who is no viewer of the installation. A workspace that has none goes on; an owner of the installation names one then.
 */

/** That, as SQL over `m` of workspace_members and `u` of users. */
export const decides = `m.role = 'admin' and u.kind = 'person' and u.removed_at is null and u.shut_out_at is null
                 and u.role <> 'viewer'`;

/** The accounts that decide about a workspace. Relies on the primary keys. */
export async function listDeciding(db: Db, workspaceId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select u.id from workspace_members m join users u on u.id = m.account_id
     where m.workspace_id = ${workspaceId} and ${sql.raw(decides)}`.execute(db);
  return rows.map(({ id }) => id);
}

/** A workspace as the installation has it: nothing of what is in it. */
export interface KnownWorkspace {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  readonly members: number;
  /** Those who decide about it; 0: somebody has to be named. */
  readonly admins: number;
}

/** All workspaces of several, by name; deleted ones as long as they can be restored. */
export async function listAllWorkspaces(db: Db): Promise<readonly KnownWorkspace[]> {
  const { rows } = await sql<KnownWorkspace>`
    select w.id, w.name, w.created_at as "createdAt", w.deleted_at as "deletedAt",
           c.members, c.admins
      from workspaces w
     cross join lateral (
       select count(*)::integer as members, count(*) filter (where ${sql.raw(decides)})::integer as admins
         from workspace_members m join users u on u.id = m.account_id
        where m.workspace_id = w.id and u.removed_at is null) c
     where w.deleted_at is null or w.deleted_at > now() - make_interval(days => ${workspaceGraceDays})
     order by w.name, w.id`.execute(db);
  return rows;
}

/**
 * What came of naming an admin. `has admin`: those who decide about it are there; `no account`: nobody of that id could
 * decide.
 */
export type NamedAdmin =
  | { readonly kind: 'named'; readonly workspace: string; readonly email: string }
  | { readonly kind: 'missing' | 'has admin' | 'no account' };

/**
 * Makes an account an admin of a workspace that nobody decides about, and writes down that this was done from outside. The
 * workspace is held: of two who name somebody at once one succeeds. What the account may do has to be announced after the commit.
 */
export async function nameAdmin(
  db: Db,
  { workspaceId, accountId, namedBy }: { workspaceId: string; accountId: string; namedBy: string },
): Promise<NamedAdmin> {
  return db.transaction().execute(async (trx) => {
    const workspace = await trx
      .selectFrom('workspaces')
      .select('name')
      .where('id', '=', workspaceId)
      .where((where) =>
        where.or([
          where('deleted_at', 'is', null),
          where('deleted_at', '>', sql<Date>`now() - make_interval(days => ${workspaceGraceDays})`),
        ]),
      )
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (workspace === undefined) return { kind: 'missing' };
    if ((await listDeciding(trx, workspaceId)).length > 0) return { kind: 'has admin' };
    const account = await trx
      .selectFrom('users')
      .select('email')
      .where('id', '=', accountId)
      .where('kind', '=', 'person')
      .where('removed_at', 'is', null)
      .where('shut_out_at', 'is', null)
      .where('role', '<>', 'viewer')
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (account === undefined) return { kind: 'no account' };
    await trx
      .insertInto('workspace_members')
      .values({ workspace_id: workspaceId, account_id: accountId, role: 'admin', via: 'invited' })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'account_id']).doUpdateSet({ role: 'admin', via: 'invited' }),
      )
      .execute();
    await trx
      .updateTable('workspaces')
      .set({ admin_named_at: sql<Date>`now()`, admin_named_id: accountId, admin_named_by: namedBy })
      .where('id', '=', workspaceId)
      .execute();
    return { kind: 'named', workspace: workspace.name, email: account.email };
  });
}
