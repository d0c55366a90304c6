import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** A connected prompt wins over its field. Deterministic only at temperature 0. Without a model, no run starts. */
export const llmNode = defineNode({
  type: 'llm',
  version: 1,
  title: 'LLM',
  description: 'Asks a language model. Takes text and images.',
  category: 'ai',
  keywords: ['chat', 'gpt', 'gemini', 'claude', 'ask', 'prompt', 'generate text', 'describe', 'summarize', 'translate'],
  icon: 'sparkles',
  inputs: [
    { id: 'system_prompt', title: 'System prompt', dataType: 'text', configField: 'systemPrompt' },
    { id: 'user_message', title: 'User message', dataType: 'text', configField: 'userMessage', required: true },
    { id: 'images', title: 'Images', dataType: 'image', many: true },
  ],
  outputs: [{ id: 'output', title: 'Answer', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    model: z.string().max(255).default('').meta({ title: 'Model', control: 'model' }),
    systemPrompt: z
      .string()
      .optional()
      .meta({ title: 'System prompt', control: 'textarea', placeholder: 'How the model should behave' }),
    userMessage: z
      .string()
      .optional()
      .meta({ title: 'User message', control: 'textarea', placeholder: 'What to ask the model' }),
    temperature: z.number().min(0).max(2).optional().meta({ title: 'Temperature', control: 'slider', step: 0.1 }),
    maxOutputTokens: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .meta({ title: 'Max output tokens', control: 'number', unit: 'tokens' }),
  }),
  defaults: { label: 'LLM', model: '', systemPrompt: '', userMessage: '' },
  mainField: 'userMessage',
  look: { height: 454 },
  costClass: () => 'io',
  isDeterministic: ({ temperature }) => temperature === 0,
  check: ({ model }) => (model.trim() ? [] : [{ field: 'model', message: 'No model is selected.' }]),
});
