import type { DataQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import { hold } from '../hold.ts';
import { queryableOf } from '../queryable.ts';
import { measureUserData } from './measure.ts';

/**
 * Makes a change to a user's workflows that must not exceed the quota: what
 * lets it grow beyond is undone and gives null. Changes of one user wait for
 * each other, so that together they cannot exceed it either.
 *
 * To look through all that a user has takes longer than most changes. What there was before is looked at only where there is too
 * much afterwards: the change is undone then and made once more, as one that leaves less than there was is not refused.
 */
export async function changeWithinDataQuota<Result>(
  db: Db,
  { userId, quota }: { readonly userId: string; readonly quota: DataQuota },
  change: (transaction: Db) => Promise<Result>,
): Promise<Result | null> {
  const make = (looksBefore: boolean) =>
    db.transaction().execute(async (transaction) => {
      await hold(transaction, 'data', userId);
      const read = () => measureUserData(queryableOf(transaction), userId);
      const before = looksBefore ? await read() : { workflows: 0, bytes: 0 };
      const result = await change(transaction);
      const after = await read();
      const isOver =
        (after.workflows > quota.maxWorkflows && after.workflows > before.workflows) ||
        (after.bytes > quota.maxBytes && after.bytes > before.bytes);
      if (isOver) throw new OverQuota();
      return result;
    });
  for (const looksBefore of [false, true]) {
    try {
      return await make(looksBefore);
    } catch (error) {
      if (!(error instanceof OverQuota)) throw error;
    }
  }
  return null;
}

class OverQuota extends Error {}
