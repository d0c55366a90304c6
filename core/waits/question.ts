import { z } from 'zod';
import { dataTypes, type ElementType } from '../data-types/table.ts';
import { inputSettingsSchema } from '../interface/settings.ts';

/** Types that a person can be asked for. */
const askedTypes = dataTypes.filter((type) => type !== 'any') as [
  Exclude<ElementType, 'any'>,
  ...Exclude<ElementType, 'any'>[],
];

/** The name of a field that edits the value which came in: what is answered is carried on in its place. */
export const valueFieldName = 'value';

/** A field of a question: settings as an input of a workflow has them, and the type of its value. */
export const questionFieldSchema = inputSettingsSchema.omit({ hidden: true }).extend({
  type: z.enum(askedTypes).default('text'),
  /** Of text: what there is to choose from. Default: any text. */
  options: z.array(z.string().max(1_000)).min(1).max(200).optional(),
});
export type QuestionField = z.output<typeof questionFieldSchema>;

/** A button ends the question; the way of that output is taken. */
export const questionButtonSchema = z.object({
  /** Edges name it, so it stays when the button is renamed. */
  id: z.string().min(1).max(255),
  label: z.string().max(255).default(''),
});
export type QuestionButton = z.output<typeof questionButtonSchema>;

/** What a person is asked, as it is stored with the wait. */
export const questionSchema = z.object({
  message: z.string(),
  fields: z.array(questionFieldSchema),
  buttons: z.array(questionButtonSchema),
  /** How many of a list are to be chosen; null where nothing is. */
  choice: z.object({ min: z.number().int().nonnegative(), max: z.number().int().positive() }).nullable(),
  /** Whoever has its link may answer, without an account. Default: the members of the workspace alone. */
  byLink: z.boolean().optional(),
});
export type Question = z.output<typeof questionSchema>;

/** The one action of a question that asks to choose. */
export const chooseAction = 'choose';

/** What a button is called. */
export function nameOfButton({ id, label }: QuestionButton): string {
  return label.trim() === '' ? id : label;
}
