import { z } from 'zod';
import { jsonRulesSchema } from './json-rules.ts';

/** The type of the nodes that mark a result; their `data` is `{ name, label? }`, their input handle `value`. */
export const outputNodeType = 'output';

/** Longer ones are no names any more. */
const maxNameLength = 64;

/** Keys that no JSON body may use: an input of that name could never be given. */
export const reservedNames: ReadonlySet<string> = new Set(['constructor', 'prototype']);

const nameAdvice = 'Write a name of letters, digits and underscores that begins with a letter, such as product_photo.';

/** The name of an input or a result: an identifier, so that it can be a flag, a field and a variable as it is. */
export const interfaceNameSchema = z
  .string({ error: nameAdvice })
  .max(maxNameLength, `A name has at most ${maxNameLength} characters.`)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, nameAdvice)
  .refine((name) => !reservedNames.has(name), 'This name is reserved. Choose another one.');

const wholeNumber = z.number().int().positive();

/**
 * How a node that holds a value is marked as an input of its workflow: `data.input`. What does not belong to the type of
 * its value has no effect.
 */
export const inputSettingsSchema = z.object({
  name: interfaceNameSchema,
  /** What people read. Default: the name. */
  label: z.string().max(255).optional(),
  /** A sentence below the field. */
  help: z.string().max(2_000).optional(),
  /** Each run has to give it; the node's own value does not count. Default false. */
  required: z.boolean().optional(),
  /** What a run that does not give it uses. Default: the node's own value. */
  default: z.unknown().optional(),
  /** No form shows it; a run can give it all the same. Default false. */
  hidden: z.boolean().optional(),
  /** Of numbers; both included. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Of numbers: whole ones only. Default false. */
  integer: z.boolean().optional(),
  /** Of text: it has several lines. Default true. */
  long: z.boolean().optional(),
  /** Of text: characters. */
  maxLength: wholeNumber.optional(),
  /** Of files: content types that are taken, such as `image/png`. Default: all of the type. */
  formats: z.array(z.string().max(255)).min(1).max(50).optional(),
  /** Of files. Default: the installation's limit. */
  maxBytes: wholeNumber.optional(),
  /** Of JSON: what the value has to look like. */
  schema: jsonRulesSchema.optional(),
});
export type InputSettings = z.infer<typeof inputSettingsSchema>;

/**
 * What the mark as an input of the workflow says of the files that are taken. Its name and words do not count for the work,
 * so they are no part of the config. Undefined where any file of the type is taken.
 */
export const acceptedSchema = inputSettingsSchema
  .pick({ formats: true, maxBytes: true })
  .optional()
  .catch(undefined)
  .transform((accepted) =>
    accepted?.formats === undefined && accepted?.maxBytes === undefined ? undefined : accepted,
  );

/** Whether a node's `data.input` marks it as an input; whether rightly so is another question. */
export function isMarked(data: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(data, 'input') && data['input'] !== undefined && data['input'] !== null;
}
