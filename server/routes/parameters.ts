import { z } from 'zod';
import { slugSchema } from '../../core/api/versions.ts';

/** Serial ids end at 2^31 - 1; what is no such number names nothing. */
const maxSerial = 2_147_483_647;

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
export const slugParams = z.strictObject({ slug: slugSchema });
export const runParams = z.strictObject({ id: z.uuid() });
export const assetParams = z.strictObject({ id: z.uuid() });
export const apiKeyParams = z.strictObject({ id: z.uuid() });
export const sessionParams = z.strictObject({ id: z.uuid() });
export const invitationParams = z.strictObject({ id: z.uuid() });
export const memberParams = z.strictObject({ id: z.string().min(1).max(255) });
export const workspaceParams = z.strictObject({ id: z.string().min(1).max(255) });
export const workspaceMemberParams = workspaceParams.extend({ accountId: z.string().min(1).max(255) });
export const invitedMemberParams = workspaceParams.extend({ invitedId: z.uuid() });
export const serviceKeyParams = workspaceMemberParams.extend({ keyId: z.uuid() });
export const workerParams = z.strictObject({ id: z.uuid() });
export const waitParams = z.strictObject({ id: z.uuid() });
export const triggerParams = z.strictObject({ id: z.uuid() });
export const fireParams = z.strictObject({ id: z.uuid() });
/** What stands in the address of a webhook; anything else gets the same answer as one that nobody has. */
export const hookParams = z.strictObject({ token: z.string() });
export const batchParams = z.strictObject({ id: z.uuid() });
export const callbackParams = z.strictObject({ id: z.uuid() });
export const messageParams = z.strictObject({ id: z.uuid() });
