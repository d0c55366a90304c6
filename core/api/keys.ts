import { z } from 'zod';
import { timestampSchema } from './common.ts';

export const apiKeyPattern = /^hdl_[A-Za-z0-9_-]{43}$/;

export const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    /** The first characters of the key, to tell keys apart. */
    prefix: z.string(),
    createdAt: timestampSchema,
    lastUsedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;

export const createApiKeyBodySchema = z
  .strictObject({ name: z.string().trim().min(1).max(100) })
  .meta({ id: 'CreateApiKey' });

/** `key` is shown in this answer only. */
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' });
