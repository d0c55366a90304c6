import { z } from 'zod';
import { workspaceRoles } from '../scope.ts';
import { timestampSchema } from './common.ts';

/** Deleted workspaces can be restored for so many days. */
export const workspaceGraceDays = 7;

const roleSchema = z.enum(workspaceRoles);
const nameSchema = z.string().trim().min(1).max(100);
const emailSchema = z.email().max(255).toLowerCase();

/** A workspace as one of its members sees it. */
export const workspaceSchema = z
  .object({
    id: z.string(),
    /** Of the one that everybody has for themselves: the e-mail address. */
    name: z.string(),
    /** `personal` has the id of the account, and no other members. */
    kind: z.enum(['personal', 'team']),
    /** What you may do in it. */
    role: roleSchema,
    /** Null of your own, which is as old as your account. */
    createdAt: timestampSchema.nullable(),
    /** When it was deleted; until `endsAt` an admin of it can restore it. Null, both: it was not. */
    deletedAt: timestampSchema.nullable(),
    endsAt: timestampSchema.nullable(),
    /** An owner of the installation named an admin because none was left, within the last 30 days; null: nobody did. */
    adminNamed: z
      .object({ at: timestampSchema, account: z.string().nullable(), by: z.string().nullable() })
      .nullable()
      .default(null),
  })
  .meta({ id: 'Workspace' });
export type Workspace = z.infer<typeof workspaceSchema>;

/** Not paged: your own one first, then by name. Deleted ones are listed for those who can restore them. */
export const workspaceListSchema = z.object({ items: z.array(workspaceSchema) }).meta({ id: 'Workspaces' });

/** Whoever makes a workspace is its first admin. Names need not be unique. */
export const nameWorkspaceBodySchema = z.strictObject({ name: nameSchema }).meta({ id: 'NameWorkspace' });

/** A member of a workspace. */
export const workspaceMemberSchema = z
  .object({
    accountId: z.string(),
    /** `service`: a program's account, which belongs to the workspace; its name is `firstName`. */
    kind: z.enum(['person', 'service']),
    email: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    role: roleSchema,
    /** `group`: a group at the identity provider brought it, and takes it away. */
    via: z.enum(['invited', 'group']),
    createdAt: timestampSchema,
  })
  .meta({ id: 'WorkspaceMember' });
export type WorkspaceMember = z.infer<typeof workspaceMemberSchema>;

/** Somebody who is a member as soon as they have shown that this address is theirs, or have opened the link. */
export const invitedMemberSchema = z
  .object({ id: z.uuid(), email: z.string(), role: roleSchema, createdAt: timestampSchema })
  .meta({ id: 'InvitedMember' });
export type InvitedMember = z.infer<typeof invitedMemberSchema>;

/** Not paged: the oldest first. */
export const workspaceMemberListSchema = z
  .object({
    items: z.array(workspaceMemberSchema),
    /** Those who have not joined yet. */
    invited: z.array(invitedMemberSchema),
  })
  .meta({ id: 'WorkspaceMembers' });

/** The address is compared in lower case. */
export const addMemberBodySchema = z.strictObject({ email: emailSchema, role: roleSchema }).meta({ id: 'AddMember' });

/** What came of adding somebody: they are a member, or will be once they have shown who they are. */
export const addedMemberSchema = z
  .object({
    member: workspaceMemberSchema.nullable(),
    invited: invitedMemberSchema.nullable(),
    /**
     * A link, behind the address of this server; shown in this answer only, works once, good for seven days. `/invitation#…`
     * makes the account; `/join#…` makes whoever opens it with an account a member. Null: they are a member already.
     */
    path: z.string().nullable(),
  })
  .meta({ id: 'AddedMember' });

/** `token`: what stands behind `#token=` in the link. */
export const workspaceLinkBodySchema = z
  .strictObject({ token: z.string().min(1).max(256) })
  .meta({ id: 'WorkspaceLink' });

/** Where the link of an invitation leads. */
export const shownWorkspaceInvitationSchema = z
  .object({
    workspaceId: z.string(),
    workspace: z.string(),
    role: roleSchema,
    /** The address that it was made for. */
    email: z.string(),
    invitedBy: z.string().nullable(),
  })
  .meta({ id: 'WorkspaceInvitation' });

/** A workspace as an owner of the installation knows it: nothing of what is in it. */
export const knownWorkspaceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: timestampSchema,
    /** Set: it was deleted, and can still be restored. */
    deletedAt: timestampSchema.nullable(),
    members: z.number().int(),
    /** Admins who can act: their account is there, is let in, and is no viewer of the installation. 0: name one. */
    admins: z.number().int(),
  })
  .meta({ id: 'KnownWorkspace' });
export type KnownWorkspace = z.infer<typeof knownWorkspaceSchema>;

/** Not paged: by name. */
export const knownWorkspaceListSchema = z
  .object({ items: z.array(knownWorkspaceSchema) })
  .meta({ id: 'KnownWorkspaces' });

/** Who decides about a workspace that nobody decides about. */
export const nameAdminBodySchema = z.strictObject({ accountId: z.string().min(1).max(255) }).meta({ id: 'NameAdmin' });

/** Taking the role from the last admin is refused with LAST_ADMIN. */
export const memberRoleBodySchema = z.strictObject({ role: roleSchema }).meta({ id: 'MemberRole' });

/** A program's account: it cannot sign in, has API keys, and goes with its workspace. */
export const serviceAccountBodySchema = z
  .strictObject({ name: nameSchema, role: z.enum(['viewer', 'runner', 'editor']) })
  .meta({ id: 'CreateServiceAccount' });

/** Where a workflow goes. */
export const moveWorkflowBodySchema = z
  .strictObject({ workspaceId: z.string().min(1).max(255) })
  .meta({ id: 'MoveWorkflow' });

/** What came along, and what stays because it is of the workspace that the workflow left. */
export const movedWorkflowSchema = z
  .object({
    workspaceId: z.string(),
    /** `files`: copies of those that its graphs name. */
    moved: z.object({
      files: z.number().int(),
      triggers: z.number().int(),
      callbacks: z.number().int(),
      /** Links to its app: they go on working. An older server does not say. */
      links: z.number().int().default(0),
      /** Those of the workflow alone; what is spent counts anew where it is now. */
      budgets: z.number().int(),
    }),
    /** `secrets`: names that its nodes use; they need secrets of these names where it is now. */
    stays: z.object({ runs: z.number().int(), secrets: z.array(z.string()) }),
  })
  .meta({ id: 'MovedWorkflow' });
export type MovedWorkflow = z.infer<typeof movedWorkflowSchema>;
