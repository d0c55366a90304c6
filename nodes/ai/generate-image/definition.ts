import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { checkModel, plainName } from '../../../core/node-type/model-abilities.ts';
import { aspects } from '../../../core/node-type/media-models.ts';

/** Each is paid. */
const maxImages = 10;

const isImagen = (model: string) => /^imagen-\d/.test(plainName(model));
const isGoogle = (model: string) => /^(?:gemini|imagen)-/.test(plainName(model));

/** Images made by a model from a prompt, and from other images. */
export const generateImageNode = defineNode({
  type: 'generateImage',
  version: 1,
  title: 'Generate image',
  description: 'Makes or changes images with a model.',
  category: 'ai',
  keywords: [
    'picture',
    'photo',
    'draw',
    'art',
    'text to image',
    'edit',
    'inpaint',
    'imagen',
    'dall-e',
    'flux',
    'stable diffusion',
    'nano banana',
  ],
  icon: 'wand',
  inputs: [
    { id: 'prompt', title: 'Prompt', dataType: 'text', configField: 'prompt', required: true },
    { id: 'images', title: 'Reference images', dataType: 'image', many: true },
    { id: 'mask', title: 'Mask', dataType: 'image', onlyByName: true },
  ],
  outputs: [
    { id: 'output', title: 'First image', dataType: 'image' },
    { id: 'images', title: 'All images', dataType: 'list<image>' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    model: z.string().max(255).default('').meta({ title: 'Model', control: 'model', task: 'image' }),
    prompt: z
      .string()
      .max(50_000)
      .default('')
      .meta({ title: 'Prompt', control: 'textarea', placeholder: 'What the image shows' }),
    aspect: z
      .enum(aspects)
      .default('auto')
      .meta({ title: 'Aspect ratio', control: 'select', place: 'inspector', labels: { auto: 'Default of the model' } }),
    size: z
      .string()
      .regex(/^(?:[124]K|\d{2,5}x\d{2,5})?$/, 'Write 1K, 2K or 4K, or width x height as in 1024x1536')
      .default('')
      .meta({ title: 'Size', control: 'text', placeholder: '2K or 1024x1536', place: 'inspector' }),
    count: z.int().min(1).max(maxImages).default(1).meta({ title: 'Images', control: 'number', place: 'inspector' }),
    seed: z.int().min(0).max(2_147_483_647).optional().meta({
      title: 'Seed',
      control: 'number',
      place: 'inspector',
      description: 'The same seed may give the same image, where the model supports it.',
    }),
  }),
  defaults: { label: 'Generate image', model: '', prompt: '' },
  mainField: 'prompt',
  look: { height: 426, results: ['images'] },
  costClass: () => 'io',
  isDeterministic: () => false,
  check: ({ model }, connected) => [
    ...checkModel(model, 'image', []),
    ...(isImagen(model) && connected.has('images')
      ? [
          {
            field: 'images',
            message:
              'Imagen takes no images along with the prompt. Disconnect them, or choose a model that does, such as gemini-2.5-flash-image or gpt-image-1.',
          },
        ]
      : []),
    ...(isGoogle(model) && connected.has('mask')
      ? [
          {
            field: 'mask',
            message:
              'Gemini takes no mask. Disconnect it and say in the prompt what is to change, or choose a model that does, such as gpt-image-1.',
          },
        ]
      : []),
  ],
});
