import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { checkModel, plainName } from '../../../core/node-type/model-abilities.ts';

const aspects = ['auto', '16:9', '9:16', '1:1'] as const;

const isSora = (model: string) => /^sora-\d/.test(plainName(model));

/** A video made by a model. It takes minutes: the node waits for it and holds nothing meanwhile. */
export const generateVideoNode = defineNode({
  type: 'generateVideo',
  version: 1,
  title: 'Generate video',
  description: 'Makes a video with a model, from words and pictures.',
  category: 'ai',
  keywords: ['film', 'clip', 'movie', 'animate', 'text to video', 'image to video', 'veo', 'sora', 'kling', 'wan'],
  icon: 'film',
  inputs: [
    { id: 'prompt', title: 'Prompt', dataType: 'text', configField: 'prompt', required: true },
    { id: 'first_frame', title: 'First frame', dataType: 'image' },
    { id: 'last_frame', title: 'Last frame', dataType: 'image', onlyByName: true },
    { id: 'references', title: 'Reference images', dataType: 'image', many: true, onlyByName: true },
  ],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    model: z.string().max(255).default('').meta({ title: 'Model', control: 'model', task: 'video' }),
    prompt: z
      .string()
      .max(50_000)
      .default('')
      .meta({ title: 'Prompt', control: 'textarea', placeholder: 'What happens, and how it looks and sounds' }),
    aspect: z
      .enum(aspects)
      .default('auto')
      .meta({ title: 'Aspect ratio', control: 'select', place: 'inspector', labels: { auto: 'Default of the model' } }),
    seconds: z
      .int()
      .min(1)
      .max(60)
      .optional()
      .meta({ title: 'Length', control: 'number', unit: 's', place: 'inspector' }),
    size: z
      .string()
      .regex(/^(?:\d{3,4}p|[24]k|\d{2,5}x\d{2,5})?$/i, 'Write 720p, 1080p or 4k, or width x height as in 1280x720')
      .default('')
      .meta({ title: 'Size', control: 'text', placeholder: '1080p or 1280x720', place: 'inspector' }),
    negativePrompt: z
      .string()
      .max(5_000)
      .default('')
      .meta({ title: 'What it must not show', control: 'textarea', place: 'inspector' }),
    seed: z.int().min(0).max(4_294_967_295).optional().meta({
      title: 'Seed',
      control: 'number',
      place: 'inspector',
      description: 'The same seed may give nearly the same video, where the model supports it.',
    }),
  }),
  defaults: { label: 'Generate video', model: '', prompt: '' },
  mainField: 'prompt',
  look: { height: 448, shape: [{ aspect: 'aspect' }] },
  costClass: () => 'io',
  isDeterministic: () => false,
  check: ({ model }, connected, incoming = []) => [
    ...checkModel(model, 'video', []),
    ...(isSora(model) && (connected.has('last_frame') || incoming.filter(({ input }) => input !== 'prompt').length > 1)
      ? [
          {
            field: connected.has('last_frame') ? 'last_frame' : 'references',
            message:
              'Sora takes one image, which the video begins with. Disconnect the others, or choose a model that takes more, such as veo-3.1-generate-preview.',
          },
        ]
      : []),
  ],
});
