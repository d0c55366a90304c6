import { z } from 'zod';
import { userRoles } from './auth.ts';
import { timestampSchema } from './common.ts';

/** An account as an owner sees it. */
export const memberSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    role: z.enum(userRoles),
    hasPassword: z.boolean(),
    createdAt: timestampSchema,
    /** When a session or key of the account was last used. */
    lastSeenAt: timestampSchema.nullable(),
    /** When the member changed the address; nothing has proved since that it is theirs. Null: it is as an owner or the operator gave it. */
    emailChangedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof memberSchema>;

/** Not paged: it holds every account. */
export const memberListSchema = z.object({ items: z.array(memberSchema) }).meta({ id: 'Members' });

/** Taking the role from the last owner is refused with LAST_OWNER. */
export const changeRoleBodySchema = z.strictObject({ role: z.enum(userRoles) }).meta({ id: 'ChangeRole' });

/** An open invitation; its link is not part of it. */
export const invitationSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role: z.enum(userRoles),
    createdAt: timestampSchema,
    expiresAt: timestampSchema,
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof invitationSchema>;

/** Not paged: it holds every open invitation. */
export const invitationListSchema = z.object({ items: z.array(invitationSchema) }).meta({ id: 'Invitations' });

/** The address is stored in lower case. */
export const inviteBodySchema = z
  .strictObject({ email: z.email().max(255).toLowerCase(), role: z.enum(userRoles) })
  .meta({ id: 'Invite' });

/** `path` belongs behind the address under which browsers reach this server; it is shown in this answer only. */
const linkShape = { path: z.string() };

/** The only answer with the link of the invitation. */
export const createdInvitationSchema = invitationSchema.extend(linkShape).meta({ id: 'CreatedInvitation' });

/** A one-time link that signs an existing account in. */
export const signInLinkSchema = z.object({ ...linkShape, expiresAt: timestampSchema }).meta({ id: 'SignInLink' });
