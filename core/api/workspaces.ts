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

/** Somebody without an account: a member as soon as they have one under this address. */
export const invitedMemberSchema = z
  .object({ id: z.uuid(), email: z.string(), role: roleSchema, createdAt: timestampSchema })
  .meta({ id: 'InvitedMember' });
export type InvitedMember = z.infer<typeof invitedMemberSchema>;

/** Not paged: the oldest first. */
export const workspaceMemberListSchema = z
  .object({
    items: z.array(workspaceMemberSchema),
    /** Those who have no account yet. */
    invited: z.array(invitedMemberSchema),
  })
  .meta({ id: 'WorkspaceMembers' });

/** The address is compared in lower case. */
export const addMemberBodySchema = z.strictObject({ email: emailSchema, role: roleSchema }).meta({ id: 'AddMember' });

/** What came of adding somebody: they are a member, or will be once they have an account. */
export const addedMemberSchema = z
  .object({
    member: workspaceMemberSchema.nullable(),
    invited: invitedMemberSchema.nullable(),
    /**
     * A link that makes the account, behind the address of this server; shown in this answer only. Null where there is an
     * account, or where an owner of the installation has to invite them.
     */
    path: z.string().nullable(),
  })
  .meta({ id: 'AddedMember' });

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
    moved: z.object({ files: z.number().int(), triggers: z.number().int(), callbacks: z.number().int() }),
    /** `secrets`: names that its nodes use; they need secrets of these names where it is now. */
    stays: z.object({ runs: z.number().int(), secrets: z.array(z.string()) }),
  })
  .meta({ id: 'MovedWorkflow' });
export type MovedWorkflow = z.infer<typeof movedWorkflowSchema>;
