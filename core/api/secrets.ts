import { z } from 'zod';
import { timestampSchema } from './common.ts';

/** Secrets that one user may keep: more than the services that anybody connects. */
export const maxSecrets = 100;

/** What a secret is called in nodes: `{{secret.GITHUB_TOKEN}}`. */
export const secretNameSchema = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must consist of letters, digits and _, such as GITHUB_TOKEN');

/** A host as in an address, without the scheme; with the port where it is not that of the scheme. */
const hostSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(260)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/,
    'must be a host such as api.example.com or localhost:8080',
  )
  // As addresses are compared: without the port that goes without saying.
  .transform((host) => host.replace(/:(?:80|443)$/, ''));

/** Takes the place of an earlier secret of the same name. */
export const saveSecretBodySchema = z
  .strictObject({
    /** Never given back. What is shorter than 8 characters would not be recognized where it must be hidden. */
    value: z
      .string()
      .trim()
      .min(8)
      .max(4_096)
      .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must be one line of text'),
    /** Where nodes may send it, and nowhere else. */
    hosts: z
      .array(hostSchema)
      .min(1)
      .max(10)
      .transform((hosts) => [...new Set(hosts)].toSorted()),
  })
  .meta({ id: 'SaveSecret' });
export type SaveSecretBody = z.input<typeof saveSecretBodySchema>;

const secretSchema = z
  .object({ name: z.string(), hosts: z.array(z.string()), updatedAt: timestampSchema })
  .meta({ id: 'Secret' });

/** Your secrets by name. Their values cannot be read. */
export const secretsSchema = z
  .object({
    /** False where the operator has set no SECRETS_KEY: then no secret can be saved. */
    available: z.boolean(),
    items: z.array(secretSchema),
  })
  .meta({ id: 'Secrets' });
export type Secrets = z.infer<typeof secretsSchema>;
