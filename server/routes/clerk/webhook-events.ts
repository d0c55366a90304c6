import { z } from 'zod';
import type { ExternalProfile } from '../../../db/users/save-external.ts';

const name = z.string().max(255).nullish();

const userSchema = z.object({
  id: z.string().min(1).max(255),
  first_name: name,
  last_name: name,
  primary_email_address_id: z.string().nullish(),
  email_addresses: z
    .array(
      z.object({
        id: z.string(),
        email_address: z.string().max(255),
        verification: z.object({ status: z.string() }).nullish(),
      }),
    )
    .default([]),
  /** Nobody who is banned can sign in. */
  banned: z.boolean().optional(),
  updated_at: z.number().optional(),
});

const sessionSchema = z.object({ id: z.string().min(1).max(255), user_id: z.string().min(1).max(255) });

/** The messages that are acted upon; every other type is taken and forgotten. */
export const clerkEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['user.created', 'user.updated']), data: userSchema }),
  z.object({ type: z.literal('user.deleted'), data: z.object({ id: z.string().min(1).max(255) }) }),
  z.object({ type: z.literal('session.created'), data: sessionSchema }),
  z.object({ type: z.enum(['session.ended', 'session.removed', 'session.revoked']), data: sessionSchema }),
]);
export type ClerkEvent = z.output<typeof clerkEventSchema>;

/** What a message says about a person. `now` stands in for a moment that it does not name. */
export function profileOfUser(data: z.output<typeof userSchema>, now: Date): ExternalProfile {
  const primary =
    data.email_addresses.find(({ id }) => id === data.primary_email_address_id) ?? data.email_addresses[0];
  return {
    externalId: data.id,
    email: primary?.email_address.toLowerCase() ?? null,
    isEmailVerified: primary?.verification?.status === 'verified',
    firstName: data.first_name || null,
    lastName: data.last_name || null,
    at: data.updated_at === undefined ? now : new Date(data.updated_at),
  };
}
