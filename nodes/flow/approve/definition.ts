import { z } from 'zod';
import { rowOf } from '../../../core/data-types/table.ts';
import { defineNode } from '../../../core/node-type/definition.ts';
import { questionButtonSchema, questionFieldSchema } from '../../../core/waits/question.ts';
import { handlesOfApproval } from './handles.ts';

/** More than anybody fills in at once. */
const maxFields = 50;
const maxButtons = 10;
const maxMessageLength = 10_000;
/** A year, as a delay. */
const longestWaitMs = 365 * 24 * 3_600_000;
/** Outputs that the node, or every node, has besides its buttons. */
const taken = ['answer', 'error'];

/** When an open question ends by itself; shared by all nodes that ask a person. */
export const expiresSchema = z.number().int().min(1_000).max(longestWaitMs).optional().meta({
  title: 'Expires after',
  description: 'When the question ends without an answer; empty: never',
  control: 'number',
  unit: 'ms',
});

/** The question in words; empty asks for nothing but a decision. */
export const messageSchema = z
  .string()
  .max(maxMessageLength)
  .default('')
  .meta({ title: 'Message', description: 'What people are asked', control: 'textarea' });

/** Whether the question has a link by which it is answered without an account; shared by all nodes that ask a person. */
export const byLinkSchema = z.boolean().default(false).meta({
  title: 'Anyone with the link may answer',
  description: 'Each question gets a link that works without an account; off: only members of the workspace can answer',
  control: 'switch',
  place: 'inspector',
});

const fieldsSchema = z
  .array(questionFieldSchema)
  .max(maxFields, `A question has at most ${maxFields} fields`)
  .superRefine((fields, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of fields.entries()) {
      if (seen.has(name)) {
        const message = `Two fields have the name "${name}". Give each field a name of its own`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
      seen.add(name);
    }
  });

const buttonsSchema = z
  .array(questionButtonSchema)
  .min(1, 'Add a button: without one nobody can answer')
  .max(maxButtons, `A question has at most ${maxButtons} buttons`)
  .superRefine((buttons, context) => {
    const seen = new Set(taken);
    for (const [index, { id }] of buttons.entries()) {
      if (seen.has(id)) {
        const message = taken.includes(id)
          ? `The id "${id}" is that of another output. Choose another one`
          : `Two buttons have the id "${id}". Give each button an id of its own`;
        context.addIssue({ code: 'custom', path: [index, 'id'], message });
      }
      seen.add(id);
    }
  });

const defaultButtons = [
  { id: 'approve', label: 'Approve' },
  { id: 'reject', label: 'Reject' },
];
/** Waits for a person, who sees the value, may fill in fields, and presses a button: the value goes on from that one. */
export const approveNode = defineNode({
  type: 'approve',
  version: 1,
  title: 'Approve',
  description: 'Asks a person, and sends the value down the path of the button that is pressed.',
  category: 'flow',
  keywords: ['ask', 'review', 'human', 'wait', 'confirm', 'question', 'form'],
  icon: 'user-check',
  ...handlesOfApproval({ buttons: defaultButtons }),
  handles: handlesOfApproval,
  configSchema: z.object({
    label: z.string().max(255).optional(),
    message: messageSchema,
    fields: fieldsSchema.default([]).meta({ title: 'Fields', control: 'json' }),
    buttons: buttonsSchema.default(defaultButtons).meta({ title: 'Buttons', control: 'json' }),
    expiresInMs: expiresSchema,
    onExpiry: z.string().max(255).optional().meta({
      title: 'Then press',
      description: 'The id of the button that counts as pressed when the time is over; empty: the node fails',
      control: 'text',
    }),
    byLink: byLinkSchema,
  }),
  defaults: { label: 'Approve', message: 'Shall this go on?', fields: [], buttons: defaultButtons },
  mainField: 'message',
  look: { height: 380, showsOutput: true },
  branches: true,
  costClass: () => 'inline',
  isDeterministic: () => false,
  check: ({ buttons, fields, onExpiry = '', byLink }) => [
    ...(onExpiry === '' || buttons.some(({ id }) => id === onExpiry)
      ? []
      : [
          {
            field: 'onExpiry',
            message: `There is no button "${onExpiry}". Write one of: ${buttons.map(({ id }) => id).join(', ')}.`,
          },
        ]),
    ...fields
      .filter(({ type }) => byLink && rowOf(type).file !== null)
      .map(({ name }) => ({
        field: 'fields',
        message: `The field "${name}" asks for a file, and files cannot be uploaded through a link. Change its type, or turn off "Anyone with the link may answer".`,
      })),
  ],
});
