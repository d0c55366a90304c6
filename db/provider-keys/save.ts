import { statement, type Queryable } from '../statement.ts';
import type { SealedProviderKey } from './rows.ts';

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
