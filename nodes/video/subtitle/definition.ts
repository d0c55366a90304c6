import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { colorSchema } from '../../../core/node-type/image-fields.ts';
import { fontField } from '../../../core/node-type/text-fields.ts';

const burnt = { field: 'how', values: ['burn'] };
const outlined = { field: 'box', values: [false] };

/** Subtitles in the pictures of a video, or as a track beside them. From SRT, WebVTT, or segments with times. */
export const subtitleVideoNode = defineNode({
  type: 'subtitleVideo',
  version: 1,
  title: 'Subtitle video',
  description: 'Gives a video subtitles: burned into its frames, or as a track to switch on.',
  category: 'video',
  keywords: [
    'subtitles',
    'captions',
    'srt',
    'vtt',
    'closed captions',
    'burn in',
    'hardsub',
    'translate',
    'accessibility',
  ],
  icon: 'captions',
  inputs: [
    { id: 'video', title: 'Video', dataType: 'video', required: true },
    { id: 'subtitles', title: 'Subtitles (SRT, WebVTT)', dataType: 'text', configField: 'subtitles' },
    { id: 'file', title: 'Subtitle file', dataType: 'file', onlyByName: true },
    { id: 'segments', title: 'Segments', dataType: 'json', onlyByName: true },
  ],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    subtitles: z.string().max(2_000_000).default('').meta({
      title: 'Subtitles',
      control: 'textarea',
      placeholder: '1\n00:00:01,000 --> 00:00:03,000\nHello',
    }),
    how: z
      .enum(['burn', 'track'])
      .default('burn')
      .meta({
        title: 'As',
        control: 'select',
        labels: { burn: 'Burned into the frames', track: 'A track to switch on' },
      }),
    language: z
      .string()
      .regex(/^[a-z]{3}$/, 'This is not a language code. Write three letters, such as eng.')
      .default('eng')
      .meta({
        title: 'Language',
        control: 'text',
        place: 'inspector',
        placeholder: 'eng',
        shownWhen: { field: 'how', values: ['track'] },
        description: 'ISO 639-2: eng, deu, fra, spa.',
      }),
    size: z.number().min(1).max(30).default(6).meta({
      title: 'Font size',
      control: 'number',
      unit: '%',
      place: 'inspector',
      shownWhen: burnt,
      description: 'Of the height of the video.',
    }),
    color: colorSchema
      .default('#ffffff')
      .meta({ title: 'Color', control: 'color', place: 'inspector', shownWhen: burnt }),
    family: fontField.meta({ ...fontField.meta(), shownWhen: burnt }),
    bold: z.boolean().default(true).meta({ title: 'Bold', control: 'switch', place: 'inspector', shownWhen: burnt }),
    vertical: z
      .enum(['bottom', 'middle', 'top'])
      .default('bottom')
      .meta({
        title: 'Place',
        control: 'select',
        place: 'inspector',
        labels: { bottom: 'Bottom', middle: 'Middle', top: 'Top' },
        shownWhen: burnt,
      }),
    margin: z.number().min(0).max(40).default(5).meta({
      title: 'Margin',
      control: 'number',
      unit: '%',
      place: 'inspector',
      shownWhen: burnt,
      description: 'Of the height of the video.',
    }),
    box: z.boolean().default(false).meta({
      title: 'Box behind the text',
      control: 'switch',
      place: 'inspector',
      shownWhen: burnt,
    }),
    boxColor: colorSchema.default('#000000b0').meta({
      title: 'Box color',
      control: 'color',
      place: 'inspector',
      shownWhen: { field: 'box', values: [true] },
    }),
    outline: z.number().min(0).max(30).default(8).meta({
      title: 'Outline',
      control: 'number',
      unit: '%',
      place: 'inspector',
      shownWhen: outlined,
      description: 'Of the font size; 0 is none.',
    }),
    outlineColor: colorSchema
      .default('#000000')
      .meta({ title: 'Outline color', control: 'color', place: 'inspector', shownWhen: outlined }),
  }),
  defaults: { label: 'Subtitle video', subtitles: '', how: 'burn' },
  mainField: 'subtitles',
  look: { height: 468, shape: [{ like: 'video' }] },
  needs: [...videoNeeds, { part: 'filter:ass', to: 'burn subtitles in' }],
  costClass: () => 'cpu',
  isDeterministic: () => true,
  check: ({ subtitles }, connected) =>
    subtitles.trim() !== '' || ['subtitles', 'file', 'segments'].some((handle) => connected.has(handle))
      ? []
      : [{ field: 'subtitles', message: 'There are no subtitles. Connect SRT, WebVTT or segments, or enter them.' }],
});
