import type { OwnKeyProvider } from '../../core/api/provider-keys.ts';

/** A user's key for a provider as it is stored. */
export interface SealedProviderKey {
  readonly userId: string;
  readonly provider: OwnKeyProvider;
  readonly baseUrl: string | null;
  readonly sealed: Buffer;
  readonly models: readonly string[];
  readonly updatedAt: Date;
}

/** What is read of a key of the table `k`, named like the fields of SealedProviderKey. */
export const columns = `k.user_id as "userId", k.provider, k.base_url as "baseUrl", k.sealed, k.models, k.updated_at as "updatedAt"`;
