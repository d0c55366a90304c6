import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { anchorLabels, anchorSchema } from '../../../core/node-type/image-fields.ts';
import { drawnTextField, textBoxFields, textStyleFields } from '../../../core/node-type/text-fields.ts';
import { checkTimeRange, timeRangeFields } from '../../../core/node-type/time-range.ts';

const offset = z.number().min(-100).max(100).default(0);

/** An image, a clip and a text over a video, for a time: whichever of them is there. */
export const overlayVideoNode = defineNode({
  type: 'overlayVideo',
  version: 1,
  title: 'Overlay video',
  description: 'Puts an image, text or another video over a video, for all of it or a part.',
  category: 'video',
  keywords: ['watermark', 'logo', 'picture in picture', 'pip', 'lower third', 'title', 'banner', 'sticker', 'caption'],
  icon: 'layers',
  inputs: [
    { id: 'video', title: 'Video', dataType: 'video', required: true },
    { id: 'image', title: 'Image over it', dataType: 'image' },
    { id: 'clip', title: 'Video over it', dataType: 'video', onlyByName: true },
    { id: 'text', title: 'Text', dataType: 'text', configField: 'text' },
  ],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    text: drawnTextField,
    from: timeRangeFields.from.meta({ ...timeRangeFields.from.meta(), place: 'inspector' }),
    to: timeRangeFields.to.meta({ ...timeRangeFields.to.meta(), place: 'inspector' }),
    fade: z.number().min(0).max(30).default(0).meta({
      title: 'Fade',
      control: 'number',
      unit: 's',
      step: 0.1,
      place: 'inspector',
      description: 'In and out, of image and text.',
    }),
    anchor: anchorSchema
      .default('bottom right')
      .meta({ title: 'Place', control: 'select', place: 'inspector', labels: anchorLabels }),
    x: offset.meta({ title: 'Right by', control: 'number', unit: '%', place: 'inspector' }),
    y: offset.meta({ title: 'Down by', control: 'number', unit: '%', place: 'inspector' }),
    width: z.number().gt(0).max(100).default(25).meta({
      title: 'Width',
      control: 'number',
      unit: '%',
      place: 'inspector',
      description: 'Of the image or video over it.',
    }),
    rotation: z
      .number()
      .min(-360)
      .max(360)
      .default(0)
      .meta({ title: 'Turn', control: 'number', unit: '°', place: 'inspector', description: 'Images only.' }),
    opacity: z.number().min(0).max(100).default(100).meta({
      title: 'Opacity',
      control: 'slider',
      unit: '%',
      step: 1,
      place: 'inspector',
    }),
    ...textStyleFields,
    size: textStyleFields.size.meta({
      title: 'Font size',
      control: 'number',
      unit: '%',
      place: 'inspector',
      description: 'Of the height of the video.',
    }),
    color: textStyleFields.color.meta({ title: 'Text color', control: 'color', place: 'inspector' }),
    ...textBoxFields,
  }),
  defaults: { label: 'Overlay video', text: '', from: '0', to: '100%' },
  mainField: 'text',
  look: { height: 408, shape: [{ like: 'video' }] },
  needs: videoNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
  check: ({ text, ...range }, connected) => [
    ...(text.trim() !== '' || connected.has('image') || connected.has('clip') || connected.has('text')
      ? []
      : [
          {
            field: 'text',
            message: 'There is nothing to put over the video. Connect an image or a video, or enter a text.',
          },
        ]),
    ...checkTimeRange(range),
  ],
});
