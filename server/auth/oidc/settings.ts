import { z } from 'zod';
import { isLoopback } from '../../../config/loopback.ts';

const groups = z.array(z.string().trim().min(1).max(255)).max(200).default([]);

const providerSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'must be letters a-z, digits and hyphens'),
  name: z.string().trim().min(1).max(60),
  issuer: z.string().refine(isIssuer, 'must be an https address (http only on this machine)'),
  clientId: z.string().min(1).max(255),
  clientSecret: z.string().min(1).max(1_024).nullable().default(null),
  scopes: z.array(z.string().min(1).max(100)).max(20).default(['openid', 'profile', 'email']),
  groupsClaim: z.string().min(1).max(100).default('groups'),
  roles: z.strictObject({ owner: groups, member: groups, viewer: groups }).nullable().default(null),
  workspaces: z
    .record(
      z.string().min(1).max(255),
      z.strictObject({ admin: groups, editor: groups, runner: groups, viewer: groups }),
    )
    .default({}),
  defaultRole: z.enum(['member', 'viewer']).nullable().default(null),
  trustEmail: z.boolean().default(false),
  sessionHours: z.number().int().min(1).max(720).default(12),
  recheckMinutes: z.number().min(0).max(1_440).default(5),
});

/** An OpenID Connect provider that people may sign in with. */
export type OidcProvider = Readonly<z.output<typeof providerSchema>>;

/** More than an installation has. */
const maxProviders = 20;

const providersSchema = z
  .array(providerSchema)
  .max(maxProviders)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'has an id twice')
  .refine((list) => list.every(({ scopes }) => scopes.includes('openid')), 'has scopes without openid');

/**
 * The providers that `OIDC_PROVIDERS` lists, as JSON; none where it is not set. Each has
 *
 * - `id`, part of its addresses here, and `name`, on the button;
 * - `issuer`, `clientId` and, unless it is a public client, `clientSecret`;
 * - `scopes`: default `openid profile email`; with `offline_access` most give a token to ask again with;
 * - `groupsClaim`: where it lists groups, default `groups`; `roles`: groups by role, the highest counts; null: roles are
 *   given here. `defaultRole` is for people in none of them: null refuses them;
 * - `workspaces`: groups by role by the id of a workspace, the highest counts; whoever leaves the group leaves the workspace;
 * - `trustEmail`: its addresses count as verified where it does not say so;
 * - `sessionHours`: how long a session lasts, default 12; `recheckMinutes`: how often it is asked about, default 5.
 *
 * No value is in a complaint.
 */
export function readOidcProviders(
  text: string | undefined,
  complain: (name: string, problem: string) => void,
): readonly OidcProvider[] {
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    complain('OIDC_PROVIDERS', 'is no JSON');
    return [];
  }
  const parsed = providersSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues.slice(0, 10)) {
    const place = path.length === 0 ? '' : `at ${path.join('.')} `;
    complain('OIDC_PROVIDERS', `${place}is not usable: ${message}`);
  }
  return [];
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username } = new URL(text);
  if (search !== '' || hash !== '' || username !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}
