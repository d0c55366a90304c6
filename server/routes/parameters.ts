import { z } from 'zod';
import { slugSchema } from '../../core/api/versions.ts';

/** Serial ids end at 2^31 - 1; what is no such number names nothing. */
const maxSerial = 2_147_483_647;

/** The id of a workflow. */
export const workflowParams = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .transform(Number)
    .refine((id) => id <= maxSerial)
    .meta({ type: 'integer', minimum: 1, maximum: maxSerial }),
});
/** A published version of a workflow. */
export const versionParams = workflowParams.extend({
  version: z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .transform(Number)
    .refine((version) => version <= maxSerial)
    .meta({ type: 'integer', minimum: 1, maximum: maxSerial }),
});
/** The name of a published workflow. */
export const slugParams = z.strictObject({ slug: slugSchema });
/** The id of a run. */
export const runParams = z.strictObject({ id: z.uuid() });
/** The id of a file. */
export const assetParams = z.strictObject({ id: z.uuid() });
/** The id of an API key, which is not the key. */
export const apiKeyParams = z.strictObject({ id: z.uuid() });
/** The id of a signed-in browser. */
export const sessionParams = z.strictObject({ id: z.uuid() });
/** The id of an invitation, which is not its token. */
export const invitationParams = z.strictObject({ id: z.uuid() });
/** The id of an account; identity providers give ids of their own. */
export const memberParams = z.strictObject({ id: z.string().min(1).max(255) });
/** The id of a workspace; of somebody's own one, that of the account. */
export const workspaceParams = z.strictObject({ id: z.string().min(1).max(255) });
/** Somebody in a workspace. */
export const workspaceMemberParams = workspaceParams.extend({ accountId: z.string().min(1).max(255) });
/** Somebody who is invited to a workspace. */
export const invitedMemberParams = workspaceParams.extend({ invitedId: z.uuid() });
/** A key of a service account. */
export const serviceKeyParams = workspaceMemberParams.extend({ keyId: z.uuid() });
/** The id of a worker session. */
export const workerParams = z.strictObject({ id: z.uuid() });
/** The id of a wait. */
export const waitParams = z.strictObject({ id: z.uuid() });
/** The id of a trigger. */
export const triggerParams = z.strictObject({ id: z.uuid() });
/** The id of a fire, which is that of its run. */
export const fireParams = z.strictObject({ id: z.uuid() });
/** What stands in the address of a webhook; anything else gets the same answer as one that nobody has. */
export const hookParams = z.strictObject({ token: z.string() });
/** The id of a batch. */
export const batchParams = z.strictObject({ id: z.uuid() });
/** The id of a link to an app. */
export const linkParams = z.strictObject({ id: z.uuid() });
/** What stands in the address of a link to an app; anything else gets the same answer as one that nobody has. */
export const sharedParams = z.strictObject({ token: z.string().max(200) });
/** The same, and the id of a run or of a file there. */
export const sharedRunParams = sharedParams.extend({ id: z.uuid() });
/** The id of a callback. */
export const callbackParams = z.strictObject({ id: z.uuid() });
/** The id of a message of a callback. */
export const messageParams = z.strictObject({ id: z.uuid() });
