import { statement, type Queryable } from '../statement.ts';
import { columns, type SealedProviderKey } from './rows.ts';

const ofUser = statement<SealedProviderKey>(
  'list-provider-keys',
  `select ${columns} from provider_keys k where k.user_id = $1 order by k.provider`,
);

/** All keys of a workspace, sealed. */
export function listProviderKeys(on: Queryable, userId: string): Promise<SealedProviderKey[]> {
  return ofUser(on, [userId]);
}

const all = statement<SealedProviderKey>('list-all-provider-keys', `select ${columns} from provider_keys k`);

/** Every stored key, for a change of the key that they are sealed with. */
export function listAllProviderKeys(on: Queryable): Promise<SealedProviderKey[]> {
  return all(on, []);
}
