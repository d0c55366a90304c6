import { z } from 'zod';
import { timestampSchema } from './common.ts';
import { apiKeyScopes } from './keys.ts';

/** `owner` also administers the installation; `viewer` only looks. */
export const userRoles = ['owner', 'member', 'viewer'] as const;
export type UserRole = (typeof userRoles)[number];

/** Longer passwords cost nothing to hash but invite abuse. */
const givenPasswordSchema = z.string().min(1).max(1_024);

const personName = z.string().trim().max(255);

/** Either e-mail address and password, or the token of a one-time link. */
export const signInBodySchema = z
  .union([
    z.strictObject({ email: z.string().trim().min(3).max(255), password: givenPasswordSchema }),
    /** From a one-time sign-in link. */
    z.strictObject({ token: z.string().min(1).max(256) }),
  ])
  .meta({ id: 'SignIn' });

/** After signing out of a session that an identity provider opened. */
export const signedOutSchema = z
  .object({
    /** The path of this server that ends the session at the provider too. */
    next: z.string(),
  })
  .meta({ id: 'SignedOut' });

/** Who is signed in, and what the credential of this request may do. */
export const meSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    role: z.enum(userRoles),
    /** How this request was signed in. */
    via: z.enum(['session', 'api-key']),
    /** What this credential may do. */
    scopes: z.array(z.enum(apiKeyScopes)),
    /** Whether the account has a password of this installation. */
    hasPassword: z.boolean(),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof meSchema>;

/** Fields that are left out stay as they are; null clears a name. */
export const updateMeBodySchema = z
  .strictObject({
    email: z.email().max(255).toLowerCase().optional(),
    firstName: personName.nullable().optional(),
    lastName: personName.nullable().optional(),
    /** Needed to change the e-mail address of an account that has a password. */
    currentPassword: givenPasswordSchema.optional(),
  })
  .meta({ id: 'UpdateMe' });

/** `passwordWeakness` checks separately whether the new password is strong enough. */
export const changePasswordBodySchema = z
  .strictObject({
    /** Left out where the account has none, or where the session was opened by a one-time link. */
    currentPassword: givenPasswordSchema.optional(),
    newPassword: givenPasswordSchema,
  })
  .meta({ id: 'ChangePassword' });

/** A browser that is signed in, as its own user sees it. */
export const sessionSchema = z
  .object({
    id: z.uuid(),
    /** The session of this very request. */
    current: z.boolean(),
    /** What the browser called itself. */
    userAgent: z.string().nullable(),
    address: z.string().nullable(),
    createdAt: timestampSchema,
    lastUsedAt: timestampSchema,
    expiresAt: timestampSchema,
  })
  .meta({ id: 'Session' });
export type SessionInfo = z.infer<typeof sessionSchema>;

/** Not paged: it holds every session of the user. */
export const sessionListSchema = z.object({ items: z.array(sessionSchema) }).meta({ id: 'Sessions' });

/** The token of an invitation's link. */
export const invitationTokenBodySchema = z
  .strictObject({ token: z.string().min(1).max(256) })
  .meta({ id: 'InvitationToken' });

/** What an invitation tells before it is accepted. */
export const shownInvitationSchema = z
  .object({ email: z.string(), role: z.enum(userRoles), expiresAt: timestampSchema })
  .meta({ id: 'ShownInvitation' });

/** `passwordWeakness` checks separately whether the password is strong enough. */
export const acceptInvitationBodySchema = z
  .strictObject({
    token: z.string().min(1).max(256),
    password: givenPasswordSchema,
    firstName: personName.optional(),
    lastName: personName.optional(),
  })
  .meta({ id: 'AcceptInvitation' });
