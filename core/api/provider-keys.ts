import { z } from 'zod';
import { timestampSchema } from './common.ts';

/** Providers that a user may bring a key of their own for. */
export const ownKeyProviders = ['gemini', 'openai'] as const;
export type OwnKeyProvider = (typeof ownKeyProviders)[number];

/** Takes the place of an earlier key for the same provider. */
export const saveProviderKeyBodySchema = z
  .strictObject({
    /** Never given back. Left out: the one that is saved for this address; where none is, a server that asks for none. */
    key: z
      .string()
      .trim()
      .min(8, 'must have 8 characters or more')
      .max(500)
      .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII characters without spaces')
      .optional(),
    /** Where an OpenAI-compatible server is; the key is sent there and nowhere else. */
    baseUrl: z.string().trim().min(1).max(500).optional(),
    /** Models to offer: what you can reach by this key is not looked up. */
    models: z.array(z.string().trim().min(1).max(255)).max(50).default([]),
  })
  .meta({ id: 'SaveProviderKey' });
export type SaveProviderKeyBody = z.input<typeof saveProviderKeyBodySchema>;

const providerKeySchema = z
  .object({
    provider: z.enum(ownKeyProviders),
    title: z.string(),
    /** Whether you have a key of your own here. The key itself cannot be read. */
    isSet: z.boolean(),
    /** Null where the provider has one address only, or no key is set. */
    baseUrl: z.string().nullable(),
    models: z.array(z.string()),
    updatedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'ProviderKey' });

/** One item for each provider that a key can be kept for, set or not. */
export const providerKeysSchema = z
  .object({
    /** False where the operator has set no SECRETS_KEY: then no key can be saved. */
    available: z.boolean(),
    items: z.array(providerKeySchema),
  })
  .meta({ id: 'ProviderKeys' });
export type ProviderKeys = z.infer<typeof providerKeysSchema>;
