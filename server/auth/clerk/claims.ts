import { z } from 'zod';
import type { ExternalProfile } from '../../../db/users/save-external.ts';

const optionalText = z.string().trim().min(1).max(255).nullish().catch(null);

/** What of a verified session token is read. Names and address are custom claims, which an installation may lack. */
export const claimsSchema = z.object({
  sub: z.string().min(1).max(255),
  exp: z.number(),
  iat: z.number().optional(),
  /** The session. Tokens that an application has made for other services (JWT templates), and those of machines, have none. */
  sid: z.string().min(1).max(255),
  /** `pending`: signed in, but with something left to do. */
  sts: z.string().optional(),
  email: optionalText,
  email_verified: z
    .union([z.boolean(), z.literal('true').transform(() => true)])
    .nullish()
    .catch(null),
  first_name: optionalText,
  last_name: optionalText,
});
export type Claims = z.output<typeof claimsSchema>;

/** What a token says about the person; names are left as they are where it says nothing. */
export function profileOf(claims: Claims): ExternalProfile {
  return {
    externalId: claims.sub,
    email: claims.email?.toLowerCase() ?? null,
    isEmailVerified: claims.email_verified === true,
    firstName: claims.first_name ?? undefined,
    lastName: claims.last_name ?? undefined,
    at: new Date((claims.iat ?? claims.exp) * 1_000),
  };
}
