import { allows, type WorkspaceRole } from '../../core/scope.ts';
import type { Db } from '../client.ts';

/**
 * Makes an account a member of the workspaces that its groups at the identity provider give, with their roles, and of none
 * that they gave before and do not any more. What an admin of a workspace gave stays where groups say nothing, or give no
 * more. Workspaces that are not there or were deleted are left out. Says whether anything has changed: then it has to be announced.
 */
export async function joinByGroups(
  db: Db,
  accountId: string,
  roles: ReadonlyMap<string, WorkspaceRole>,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const [known, open] = await Promise.all([
      trx
        .selectFrom('workspace_members')
        .select(['workspace_id as id', 'role', 'via'])
        .where('account_id', '=', accountId)
        .forUpdate()
        .execute(),
      roles.size === 0
        ? []
        : trx
            .selectFrom('workspaces')
            .select('id')
            .where('id', 'in', [...roles.keys()])
            .where('deleted_at', 'is', null)
            .execute(),
    ]);
    let isChanged = false;
    for (const { id } of open) {
      const role = roles.get(id)!;
      const before = known.find((member) => member.id === id);
      if (before?.via === 'group' && before.role === role) continue;
      if (before?.via === 'invited' && allows(before.role, role)) continue;
      isChanged = true;
      await trx
        .insertInto('workspace_members')
        .values({ workspace_id: id, account_id: accountId, role, via: 'group' })
        .onConflict((conflict) => conflict.columns(['workspace_id', 'account_id']).doUpdateSet({ role, via: 'group' }))
        .execute();
    }
    const lost = known.filter(({ id, via }) => via === 'group' && !roles.has(id));
    for (const { id } of lost) {
      isChanged = true;
      await trx
        .deleteFrom('workspace_members')
        .where('workspace_id', '=', id)
        .where('account_id', '=', accountId)
        .execute();
    }
    return isChanged;
  });
}
