import { z } from 'zod';
import { graphSchema } from '../graph/graph.ts';
import { pageOf, timestampSchema } from './common.ts';

/** Longest slug, in characters. */
export const maxSlugLength = 64;

/** The name of a workflow in addresses. */
export const slugSchema = z
  .string()
  .max(maxSlugLength, `Use at most ${maxSlugLength} characters.`)
  .regex(
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    'Use small letters, digits and single hyphens between them, such as "summarize-text".',
  );

/** Number of a published version. */
export const versionNumberSchema = z.number().int().positive().max(2_147_483_647);

/** Characters. */
export const maxNoteLength = 2_000;

/** Every field may be left out. */
export const publishBodySchema = z
  .strictObject({
    /** What has changed, in words. Default: none. */
    note: z.string().trim().max(maxNoteLength).optional(),
    /** The `version` of the draft that is meant; where it is at another one, the answer is 409 and nothing is published. */
    draftVersion: z.number().int().positive().optional(),
    /** The name in addresses. Default: that it has, or one made of the workflow's name. */
    slug: slugSchema.optional(),
  })
  .meta({ id: 'PublishWorkflow' });

/** A published version of a workflow, without its graph. */
export const publishedVersionSchema = z
  .object({
    /** Counted from 1. */
    version: versionNumberSchema,
    note: z.string(),
    publishedAt: timestampSchema,
    /** E-mail address; null where the account is gone. */
    publishedBy: z.string().nullable(),
    /** It is what programs run. */
    live: z.boolean(),
    /** The `version` of the draft that it was made from. */
    draftVersion: z.number().int().positive(),
  })
  .meta({ id: 'PublishedVersion' });
export type PublishedVersion = z.infer<typeof publishedVersionSchema>;

/** With its graph. */
export const publishedVersionDetailSchema = publishedVersionSchema
  .extend({ data: graphSchema })
  .meta({ id: 'PublishedVersionDetail' });

/** What publishing comes to. */
export const publishResultSchema = publishedVersionSchema
  .extend({ slug: slugSchema })
  .meta({ id: 'PublishedWorkflow' });

/** Newest first. */
export const publishedVersionPageSchema = pageOf(publishedVersionSchema).meta({ id: 'PublishedVersionPage' });

/** Says which published version programs run from now on. */
export const liveBodySchema = z.strictObject({ version: versionNumberSchema }).meta({ id: 'SetLiveVersion' });

/** Asks for another name in addresses. */
export const slugBodySchema = z.strictObject({ slug: slugSchema }).meta({ id: 'SetSlug' });

/** Exactly one of `version` and `draftId`. */
export const restoreBodySchema = z
  .strictObject({
    /** A published version. */
    version: versionNumberSchema.optional(),
    /** A draft that was kept when another graph took its place. */
    draftId: z.uuid().optional(),
    /** The `version` of the draft that is to be replaced; where it is at another one, the answer is 409 and nothing changes. */
    draftVersion: z.number().int().positive().optional(),
  })
  .refine(({ version, draftId }) => (version === undefined) !== (draftId === undefined), {
    error: 'Give one of "version" and "draftId".',
  })
  .meta({ id: 'RestoreWorkflow' });

/** A draft that another graph took the place of. */
export const keptDraftSchema = z
  .object({
    id: z.uuid(),
    keptAt: timestampSchema,
    /** E-mail address of whoever replaced it; null where the account is gone. */
    keptBy: z.string().nullable(),
  })
  .meta({ id: 'KeptDraft' });
export type KeptDraft = z.infer<typeof keptDraftSchema>;

/** Newest first; all that there are. */
export const keptDraftsSchema = z.object({ items: z.array(keptDraftSchema) }).meta({ id: 'KeptDrafts' });

/** Kept drafts of one workflow; the oldest beyond them are deleted. */
export const maxKeptDrafts = 20;
