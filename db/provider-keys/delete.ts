import type { OwnKeyProvider } from '../../core/api/provider-keys.ts';
import { statement, type Queryable } from '../statement.ts';

const remove = statement<{ provider: string }>(
  'delete-provider-key',
  `delete from provider_keys where user_id = $1 and provider = $2 returning provider`,
);

/** False where there was none. */
export async function deleteProviderKey(on: Queryable, userId: string, provider: OwnKeyProvider): Promise<boolean> {
  return (await remove(on, [userId, provider])).length > 0;
}
