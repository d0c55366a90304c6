import { z } from 'zod';
import { jsonRulesSchema } from '../../../core/interface/json-rules.ts';
import { defineNode } from '../../../core/node-type/definition.ts';
import { checkModel } from '../../../core/node-type/model-abilities.ts';
import { answerFieldTypes, handlesOfQuestion, ownOutputs, questionInputs, shapeOfQuestion } from './handles.ts';

/** More than a model fills in with care. */
const maxFields = 50;
/** Each is a call of its own, and paid. */
const maxVariants = 10;

const fieldSchema = z.object({
  /** Edges name it, so it stays when the field is renamed. */
  id: z
    .string()
    .min(1)
    .max(64)
    .refine((id) => !ownOutputs.has(id), 'This is the id of another output. Choose another one'),
  name: z.string().regex(/^[A-Za-z_][\w-]{0,63}$/, 'Use letters, digits, _ and -, beginning with a letter'),
  type: z.enum(answerFieldTypes).default('text'),
  /** What the model is to write into it. */
  description: z.string().max(1_000).optional(),
});

const fieldsSchema = z
  .array(fieldSchema)
  .max(maxFields, `An answer has at most ${maxFields} fields`)
  .superRefine((fields, context) => {
    for (const key of ['id', 'name'] as const) {
      const seen = new Set<string>();
      for (const [index, field] of fields.entries()) {
        const message = `Two fields have the ${key} "${field[key]}". Give each one of its own`;
        if (seen.has(field[key])) context.addIssue({ code: 'custom', path: [index, key], message });
        seen.add(field[key]);
      }
    }
  });

const llmSchema = z.object({
  label: z.string().max(255).optional(),
  model: z.string().max(255).default('').meta({ title: 'Model', control: 'model', task: 'text' }),
  systemPrompt: z
    .string()
    .optional()
    .meta({ title: 'System prompt', control: 'textarea', placeholder: 'How the model should behave' }),
  userMessage: z
    .string()
    .optional()
    .meta({ title: 'User message', control: 'textarea', placeholder: 'What to ask the model' }),
  answerAs: z
    .enum(['text', 'fields', 'schema'])
    .default('text')
    .meta({
      title: 'Answer as',
      control: 'select',
      place: 'inspector',
      labels: { text: 'Text', fields: 'Fields', schema: 'JSON schema' },
    }),
  fields: fieldsSchema.default([]).meta({
    title: 'Fields',
    control: 'json',
    place: 'inspector',
    shownWhen: { field: 'answerAs', values: ['fields'] },
  }),
  schema: jsonRulesSchema.optional().meta({
    title: 'JSON schema',
    control: 'json',
    place: 'inspector',
    description: 'Each property becomes an output.',
    shownWhen: { field: 'answerAs', values: ['schema'] },
  }),
  variants: z.int().min(1).max(maxVariants).default(1).meta({
    title: 'Variants',
    control: 'number',
    place: 'inspector',
    description: 'More than one gives lists. Each is a call of its own.',
  }),
  temperature: z.number().min(0).max(2).optional().meta({ title: 'Temperature', control: 'slider', step: 0.1 }),
  maxOutputTokens: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ title: 'Max output tokens', control: 'number', unit: 'tokens' }),
  stop: z
    .array(z.string().min(1).max(200))
    .max(4, 'Models take up to 4 of them')
    .optional()
    .meta({ title: 'Stop at', control: 'lines', place: 'inspector' }),
  seed: z.int().min(0).max(2_147_483_647).optional().meta({
    title: 'Seed',
    control: 'number',
    place: 'inspector',
    description: 'The same seed may give the same answer, where the model supports it.',
  }),
  reasoningEffort: z
    .enum(['default', 'none', 'minimal', 'low', 'medium', 'high'])
    .default('default')
    .meta({
      title: 'Reasoning effort',
      control: 'select',
      place: 'inspector',
      labels: {
        default: 'Default of the model',
        none: 'None',
        minimal: 'Minimal',
        low: 'Low',
        medium: 'Medium',
        high: 'High',
      },
    }),
});
/** The data of an `llm` node. */
export type LlmConfig = z.output<typeof llmSchema>;

/** A connected prompt wins over its field. Deterministic only at temperature 0. Without a model, no run starts. */
export const llmNode = defineNode({
  type: 'llm',
  version: 1,
  title: 'LLM',
  description: 'Asks a language model. Takes text, images, audio, video and documents.',
  category: 'ai',
  keywords: [
    'chat',
    'gpt',
    'gemini',
    'claude',
    'ask',
    'prompt',
    'generate text',
    'describe',
    'summarize',
    'translate',
    'structured output',
    'extract',
    'classify',
  ],
  icon: 'sparkles',
  inputs: questionInputs,
  outputs: handlesOfQuestion(shapeOfQuestion.parse({})).outputs,
  handles: handlesOfQuestion,
  configSchema: llmSchema,
  defaults: { label: 'LLM', model: '', systemPrompt: '', userMessage: '' },
  mainField: 'userMessage',
  look: { height: 476 },
  costClass: () => 'io',
  isDeterministic: ({ temperature }) => temperature === 0,
  check: ({ model, answerAs, fields, schema }, _connected, incoming = []) => [
    ...checkModel(model, 'text', incoming),
    ...(answerAs === 'fields' && fields.length === 0
      ? [{ field: 'fields', message: 'The answer has no fields yet. Add one.' }]
      : []),
    ...(answerAs === 'schema' && schema === undefined
      ? [{ field: 'schema', message: 'There is no JSON schema yet. Enter one.' }]
      : []),
  ],
});
