import type { DataQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import { hold } from '../hold.ts';
import { queryableOf } from '../queryable.ts';
import { measureUserData } from './measure.ts';

/**
 * Makes a change to a user's workflows that must not exceed the quota: what
 * lets it grow beyond is undone and gives null. Changes of one user wait for
 * each other, so that together they cannot exceed it either.
 */
export async function changeWithinDataQuota<Result>(
  db: Db,
  { userId, quota }: { readonly userId: string; readonly quota: DataQuota },
  change: (transaction: Db) => Promise<Result>,
): Promise<Result | null> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await hold(transaction, 'data', userId);
      const read = () => measureUserData(queryableOf(transaction), userId);
      const before = await read();
      const result = await change(transaction);
      const after = await read();
      const isOver =
        (after.workflows > quota.maxWorkflows && after.workflows > before.workflows) ||
        (after.bytes > quota.maxBytes && after.bytes > before.bytes);
      if (isOver) throw new OverQuota();
      return result;
    });
  } catch (error) {
    if (error instanceof OverQuota) return null;
    throw error;
  }
}

class OverQuota extends Error {}
