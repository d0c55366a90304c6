import { z } from 'zod';
import { workspaceRoles } from '../scope.ts';
import { timestampSchema } from './common.ts';

/** The form of an API key: `hdl_` and 32 random bytes in base64url. */
export const apiKeyPattern = /^hdl_[A-Za-z0-9_-]{43}$/;

/** `read`: look at everything; `run`: start, cancel and retry runs, call models; `write`: change and delete. */
export const apiKeyScopes = ['read', 'run', 'write'] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

const scopesSchema = z
  .array(z.enum(apiKeyScopes))
  .min(1)
  .max(apiKeyScopes.length)
  .transform((scopes) => apiKeyScopes.filter((scope) => scopes.includes(scope)));

/** An API key without its secret, which only the answer to its creation holds. */
export const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    /** The first characters of the key, to tell keys apart. */
    prefix: z.string(),
    scopes: z.array(z.enum(apiKeyScopes)),
    /** The only workspace that it is good for; null: every one that its account is a member of. */
    workspaceId: z.string().nullable(),
    /** What it may do at most in a workspace; null: whatever its account may. */
    role: z.enum(workspaceRoles).nullable(),
    createdAt: timestampSchema,
    lastUsedAt: timestampSchema.nullable(),
    /** Null: it works until it is revoked. */
    expiresAt: timestampSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;

/** Without anything but a name, the key can do what the credential of this request can, for good. */
export const createApiKeyBodySchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    /** Default: everything that the credential of this request may do. */
    scopes: scopesSchema.optional(),
    /** When it stops to work. Default, and null: never. */
    expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
    /** One of your workspaces. Default, and null: that of the credential of this request. */
    workspaceId: z.string().min(1).max(255).nullable().optional(),
    /** Default, and null: that of the credential of this request. */
    role: z.enum(workspaceRoles).nullable().optional(),
  })
  .meta({ id: 'CreateApiKey' });

/** Of a program's account, which acts in one workspace alone. */
export const createServiceKeyBodySchema = createApiKeyBodySchema
  .omit({ workspaceId: true, role: true })
  .meta({ id: 'CreateServiceKey' });

/** `key` is shown in this answer only. */
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' });

/** Not paged: it holds every key of the user. */
export const apiKeyListSchema = z.object({ items: z.array(apiKeySchema) }).meta({ id: 'ApiKeys' });
