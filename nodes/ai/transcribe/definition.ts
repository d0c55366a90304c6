import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { checkModel } from '../../../core/node-type/model-abilities.ts';

/** What is said in an audio file, written down with its times. */
export const transcribeNode = defineNode({
  type: 'transcribe',
  version: 1,
  title: 'Transcribe',
  description: 'Writes down what is said, with times, and as subtitles.',
  category: 'ai',
  keywords: ['speech to text', 'stt', 'whisper', 'srt', 'transcript', 'dictation'],
  icon: 'captions',
  inputs: [{ id: 'audio', title: 'Audio', dataType: 'audio', required: true }],
  outputs: [
    { id: 'output', title: 'Text', dataType: 'text' },
    { id: 'segments', title: 'Segments', dataType: 'json' },
    { id: 'subtitles', title: 'Subtitles (SRT)', dataType: 'file' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    model: z.string().max(255).default('').meta({ title: 'Model', control: 'model', task: 'transcript' }),
    language: z
      .string()
      .regex(/^(?:[a-z]{2,3}(?:-[A-Za-z]{2,4})?)?$/, 'Write a code such as en or pt-BR')
      .default('')
      .meta({
        title: 'Language',
        control: 'text',
        placeholder: 'en; empty: found out by the model',
        place: 'inspector',
      }),
    hint: z.string().max(2_000).default('').meta({
      title: 'Names and words',
      control: 'textarea',
      placeholder: 'Names and rare words that occur',
      place: 'inspector',
    }),
  }),
  defaults: { label: 'Transcribe', model: '' },
  look: { height: 342, results: ['output'] },
  costClass: () => 'io',
  isDeterministic: () => false,
  check: ({ model }) => checkModel(model, 'transcript', []),
});
