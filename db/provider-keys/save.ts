import type { OwnKeyProvider } from '../../core/api/provider-keys.ts';
import { statement, type Queryable } from '../statement.ts';

/** A user's key for a provider as it is stored. */
export interface SealedProviderKey {
  readonly userId: string;
  readonly provider: OwnKeyProvider;
  readonly baseUrl: string | null;
  readonly sealed: Buffer;
  readonly models: readonly string[];
  readonly updatedAt: Date;
}

const columns = `k.user_id as "userId", k.provider, k.base_url as "baseUrl", k.sealed, k.models, k.updated_at as "updatedAt"`;

const ofUser = statement<SealedProviderKey>(
  'find-provider-keys',
  `select ${columns} from provider_keys k where k.user_id = $1 order by k.provider`,
);

export function findProviderKeys(on: Queryable, userId: string): Promise<SealedProviderKey[]> {
  return ofUser(on, [userId]);
}

const all = statement<SealedProviderKey>('list-provider-keys', `select ${columns} from provider_keys k`);

/** Every stored key, for a change of the key that they are sealed with. */
export function listProviderKeys(on: Queryable): Promise<SealedProviderKey[]> {
  return all(on, []);
}

const save = statement(
  'save-provider-key',
  `with allowed as materialized (
     select u.id from users u where u.id = $1 and u.removed_at is null and u.role <> 'viewer' for no key update
   )
   insert into provider_keys (user_id, provider, base_url, sealed, models)
   select a.id, $2, $3, $4, $5 from allowed a
   on conflict (user_id, provider) do update set
     base_url = excluded.base_url, sealed = excluded.sealed, models = excluded.models, updated_at = now()
   returning provider`,
);

/** False where the account was removed, or may not run anything (any more) that a key would be for. */
export async function saveProviderKey(on: Queryable, key: Omit<SealedProviderKey, 'updatedAt'>): Promise<boolean> {
  return (await save(on, [key.userId, key.provider, key.baseUrl, key.sealed, key.models])).length > 0;
}

const reseal = statement(
  'reseal-provider-key',
  `update provider_keys set sealed = $4 where user_id = $1 and provider = $2 and sealed = $3`,
);

/** Puts another sealing of the same key in place, unless it was changed meanwhile. */
export async function resealProviderKey(on: Queryable, key: SealedProviderKey, sealed: Buffer): Promise<void> {
  await reseal(on, [key.userId, key.provider, key.sealed, sealed]);
}

const remove = statement<{ provider: string }>(
  'delete-provider-key',
  `delete from provider_keys where user_id = $1 and provider = $2 returning provider`,
);

/** False where there was none. */
export async function deleteProviderKey(on: Queryable, userId: string, provider: OwnKeyProvider): Promise<boolean> {
  return (await remove(on, [userId, provider])).length > 0;
}
