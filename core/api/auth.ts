import { z } from 'zod';

/** Longer passwords cost nothing to hash but invite abuse; shorter than 8 is refused where one is set. */
export const signInBodySchema = z
  .union([
    z.strictObject({ email: z.string().trim().min(3).max(255), password: z.string().min(1).max(1_024) }),
    /** From a one-time sign-in link. */
    z.strictObject({ token: z.string().min(1).max(256) }),
  ])
  .meta({ id: 'SignIn' });

export const meSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    role: z.enum(['owner', 'member', 'viewer']),
    /** How this request was signed in. */
    via: z.enum(['session', 'api-key']),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof meSchema>;
