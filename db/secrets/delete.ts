import { statement, type Queryable } from '../statement.ts';

const remove = statement<{ name: string }>(
  'delete-secret',
  `delete from secrets where user_id = $1 and name = $2 returning name`,
);

/** False where there was none. */
export async function deleteSecret(on: Queryable, userId: string, name: string): Promise<boolean> {
  return (await remove(on, [userId, name])).length > 0;
}
