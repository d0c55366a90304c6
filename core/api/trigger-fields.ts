import { z } from 'zod';
import { timestampSchema } from './common.ts';

/*
 * What triggers of all kinds have in common.
 */

/** Failures in a row after which a trigger pauses itself that nobody is told of: a night of one each half hour. */
export const failuresUntilPause = 20;

/** What people call a trigger. */
export const nameSchema = z.string().trim().min(1).max(200);
/** Values by the names of the workflow’s inputs. */
export const inputsSchema = z.record(z.string().max(100), z.unknown());
/** `live`: what is live when it fires, or the draft where nothing was published. */
export const versionSchema = z.union([z.literal('live'), z.int().min(1).max(2_147_483_647)]);

/** Of a trigger of any kind that is asked for. */
export const askedFields = {
  name: nameSchema.nullable().optional(),
  enabled: z.boolean().default(true),
  /** Values by the names of the workflow's inputs. */
  inputs: inputsSchema.default({}),
  version: versionSchema.default('live'),
};

/** One expression of a mapping. */
export const expressionSchema = z.string().trim().min(1).max(300);

/**
 * By the name of an input: JMESPath (or a JSON pointer) over what started the run. What it finds is the value of the input; where
 * it finds nothing, the input is not given.
 */
export const mappingSchema = z
  .record(z.string().min(1).max(100), expressionSchema)
  .refine((mapping) => Object.keys(mapping).length <= 100);

/** Of a trigger of any kind that is shown. */
export const shownFields = {
  id: z.uuid(),
  workflowId: z.int(),
  name: z.string().nullable(),
  enabled: z.boolean(),
  /** Why it is not enabled, where it paused itself or was paused for you; else null. */
  pausedReason: z.string().nullable(),
  inputs: z.record(z.string(), z.unknown()),
  version: versionSchema,
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
};
