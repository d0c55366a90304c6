import { statement, type Queryable } from '../statement.ts';
import { columns, type SealedSecret } from './rows.ts';

const ofUser = statement<SealedSecret>(
  'list-secrets',
  `select ${columns} from secrets s where s.user_id = $1 order by s.name`,
);

/** All secrets of a user, by name. */
export function listSecrets(on: Queryable, userId: string): Promise<SealedSecret[]> {
  return ofUser(on, [userId]);
}

const named = statement<SealedSecret>(
  'find-secrets',
  `select ${columns} from secrets s where s.user_id = $1 and s.name = any ($2::varchar[])`,
);

/** Those of the names that the user has. */
export function findSecrets(on: Queryable, userId: string, names: readonly string[]): Promise<SealedSecret[]> {
  return named(on, [userId, names]);
}

const all = statement<SealedSecret>('list-all-secrets', `select ${columns} from secrets s`);

/** Every stored secret, for a change of the key that they are sealed with. */
export function listAllSecrets(on: Queryable): Promise<SealedSecret[]> {
  return all(on, []);
}
