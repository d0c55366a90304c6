import { z } from 'zod';
import { soundFormatLabels, soundFormats } from '../../../core/data-types/sound-formats.ts';
import { defineNode } from '../../../core/node-type/definition.ts';
import { checkModel } from '../../../core/node-type/model-abilities.ts';

/** A text read out by a model. */
export const speakNode = defineNode({
  type: 'speak',
  version: 1,
  title: 'Speak',
  description: 'Reads a text out with a voice.',
  category: 'ai',
  keywords: ['voice', 'text to speech', 'tts', 'narrate', 'narration', 'voice-over', 'read aloud', 'audio'],
  icon: 'volume-2',
  inputs: [{ id: 'text', title: 'Text', dataType: 'text', configField: 'text', required: true }],
  outputs: [{ id: 'output', title: 'Speech', dataType: 'audio' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    model: z.string().max(255).default('').meta({ title: 'Model', control: 'model', task: 'speech' }),
    text: z.string().max(50_000).default('').meta({ title: 'Text', control: 'textarea', placeholder: 'What is said' }),
    voice: z
      .string()
      .max(100)
      .default('')
      .meta({ title: 'Voice', control: 'text', placeholder: 'Kore, Puck; alloy, nova' }),
    instructions: z.string().max(5_000).default('').meta({
      title: 'How it is said',
      control: 'textarea',
      placeholder: 'Calm and warm, like a storyteller',
      place: 'inspector',
    }),
    speed: z.number().min(0.25).max(4).optional().meta({
      title: 'Speed',
      control: 'slider',
      step: 0.05,
      place: 'inspector',
      description: 'For OpenAI-compatible servers. For others, describe it in words.',
    }),
    format: z.enum(soundFormats).default('mp3').meta({ title: 'Format', control: 'select', labels: soundFormatLabels }),
  }),
  defaults: { label: 'Speak', model: '', text: '' },
  mainField: 'text',
  look: { height: 500 },
  costClass: () => 'io',
  isDeterministic: () => false,
  check: ({ model }) => checkModel(model, 'speech', []),
});
