import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';

/** Width by height; null: that of the first image. */
export const filmShapes = {
  '16:9': 16 / 9,
  '9:16': 9 / 16,
  '1:1': 1,
  '4:5': 4 / 5,
  '4:3': 4 / 3,
  first: null,
} as const;

/** Images one after the other. Times that are connected, one for each image, win over the field. */
export const videoFromImagesNode = defineNode({
  type: 'videoFromImages',
  version: 1,
  title: 'Video from images',
  description: 'Makes a video of a list of images: a slideshow with transitions, motion and sound.',
  category: 'video',
  keywords: [
    'slideshow',
    'slide show',
    'slides',
    'animatic',
    'storyboard',
    'ken burns',
    'pan and zoom',
    'photo film',
    'images to video',
    'image sequence',
    'timelapse',
  ],
  icon: 'film',
  inputs: [
    { id: 'images', title: 'Images', dataType: 'image', many: true, required: true },
    { id: 'audio', title: 'Sound', dataType: 'audio' },
    { id: 'durations', title: 'Seconds for each', dataType: 'list<number>' },
  ],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    seconds: z
      .number()
      .min(0.02)
      .max(600)
      .default(3)
      .meta({ title: 'Each image', control: 'number', unit: 's', step: 0.5 }),
    transition: z
      .enum(['none', 'fade', 'slide', 'black'])
      .default('fade')
      .meta({
        title: 'Transition',
        control: 'select',
        place: 'inspector',
        labels: { none: 'None', fade: 'Crossfade', slide: 'Slide in', black: 'Through black' },
      }),
    aspect: z
      .enum(Object.keys(filmShapes) as [keyof typeof filmShapes, ...(keyof typeof filmShapes)[]])
      .default('16:9')
      .meta({ title: 'Shape', control: 'select', labels: { first: 'That of the first image' } }),
    motion: z
      .enum(['none', 'in', 'out', 'varied'])
      .default('none')
      .meta({
        title: 'Motion',
        control: 'select',
        place: 'inspector',
        labels: { none: 'None', in: 'Zoom in', out: 'Zoom out', varied: 'Pan and zoom, varied' },
      }),
    transitionSeconds: z
      .number()
      .min(0.02)
      .max(30)
      .default(0.5)
      .meta({
        title: 'Length of a transition',
        control: 'number',
        unit: 's',
        step: 0.1,
        place: 'inspector',
        shownWhen: { field: 'transition', values: ['fade', 'slide', 'black'] },
      }),
    mode: z
      .enum(['pad', 'cover', 'blur'])
      .default('blur')
      .meta({
        title: 'Other shapes',
        control: 'select',
        place: 'inspector',
        labels: { pad: 'Pad with a color', cover: 'Fill, cut off the rest', blur: 'Pad with a blurred copy' },
      }),
    background: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'This is not a color. Write it as #rrggbb.')
      .default('#000000')
      .meta({
        title: 'Background',
        control: 'color',
        place: 'inspector',
        description: 'Beside padded images, and behind transparent ones.',
      }),
    length: z
      .enum(['images', 'audio'])
      .default('images')
      .meta({
        title: 'As long as',
        control: 'select',
        place: 'inspector',
        labels: { images: 'Its images are shown', audio: 'Its sound' },
        description: 'With the sound, the images share its length.',
      }),
    shortSide: z
      .number()
      .int()
      .min(64)
      .max(2_160)
      .default(720)
      .meta({ title: 'Shorter side', control: 'number', unit: 'px', place: 'inspector' }),
    frameRate: z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(30)
      .meta({ title: 'Frame rate', control: 'number', unit: 'fps', place: 'inspector' }),
  }),
  defaults: { label: 'Video from images', seconds: 3, transition: 'fade', aspect: '16:9' },
  mainField: 'seconds',
  look: { height: 446, shape: [{ aspect: 'aspect' }] },
  needs: videoNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
