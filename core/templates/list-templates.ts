import {
  asked,
  edge,
  node,
  result,
  sampleVideo,
  templateImageModel,
  templateModel,
  type Template,
} from './template.ts';

const each = { each: true };

const formats = [
  { id: 'feed', label: 'Feed, 1:1', width: 1080, height: 1080 },
  { id: 'story', label: 'Story, 9:16', width: 1080, height: 1920 },
  { id: 'banner', label: 'Banner, 16:9', width: 1600, height: 900 },
];

const batchFormats: Template = {
  id: 'batch-formats',
  title: 'Many photos, three formats',
  description:
    'Every photo of a list for feeds, stories and banners: twenty photos give sixty images. Upload your own into the list.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('photos', 'list', 12, 712, {
        label: 'Product photos',
        type: 'image',
        items: ['sample:flask.jpg', 'sample:turn-small.jpg', 'sample:flask-small.jpg'],
        ...asked('photos', 'Product photos'),
      }),
      ...formats.flatMap(({ id, label, width, height }, index) => [
        node(id, 'resizeImage', 352, 12 + index * 700, {
          ...{ label, width, height },
          // A photo that cannot be read keeps none of the others from theirs.
          each: { onError: 'leaveOut' },
          ...(id === 'story' ? { mode: 'pad', fill: 'blur' } : { mode: 'cover', position: 'busy', enlarge: true }),
        }),
        result(id, 692, 12 + index * 700, label),
      ]),
    ],
    edges: formats.flatMap(({ id }) => [
      edge(`photos.output -> ${id}.image`),
      edge(`${id}.output -> result-${id}.value`),
    ]),
  },
};

const sceneCaptions: Template = {
  id: 'scene-captions',
  title: 'Scenes of a video, captioned',
  description:
    'Takes a frame out of each part of a video. A model says what it shows, and the words stand on the frame.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('video', 'video', 12, 312, { label: 'Video', file: sampleVideo, ...asked('video', 'Video') }),
      node('scenes', 'extractFrames', 352, 312, { label: 'Scenes', by: 'count', count: 6 }),
      node('caption', 'llm', 692, 12, {
        label: 'Caption',
        model: templateModel,
        temperature: 0,
        userMessage: 'Say in at most eight words what this frame of a video shows. Answer with these words alone.',
        each: { onError: 'leaveOut' },
      }),
      node('mark', 'drawText', 1032, 312, {
        label: 'On the frame',
        size: 6,
        align: 'center',
        vertical: 'bottom',
        outline: 4,
        x_percent: 5,
        y_percent: 5,
        width_percent: 90,
        height_percent: 90,
      }),
      node('sheet', 'gridImages', 1372, 512, { label: 'Storyboard', columns: 3, numbered: true }),
      result('captions', 1032, -200, 'Captions'),
      result('frames', 1372, 112, 'Captioned frames'),
      result('sheet', 1712, 512, 'Storyboard'),
    ],
    edges: [
      edge('video.output -> scenes.video'),
      edge('scenes.output -> caption.images', each),
      edge('scenes.output -> mark.image'),
      edge('caption.output -> mark.text'),
      edge('caption.output -> result-captions.value'),
      edge('mark.output -> sheet.images'),
      edge('mark.output -> result-frames.value'),
      edge('sheet.output -> result-sheet.value'),
    ],
  },
};

const pickOfEight: Template = {
  id: 'two-of-eight',
  title: 'Eight variants, two chosen',
  description: 'A model draws eight variants of an idea and waits. You choose the best two, and both are finished.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('idea', 'text', 12, 112, {
        label: 'Idea',
        text: 'A poster for a small tea house by the sea',
        ...asked('idea', 'Idea'),
      }),
      node('draw', 'generateImage', 352, 12, { label: 'Draw eight', model: templateImageModel, count: 8 }),
      node('choose', 'choose', 692, 12, {
        label: 'The best two',
        message: 'Which two shall be finished?',
        min: 2,
        max: 2,
      }),
      node('frame', 'resizeImage', 1032, 12, {
        label: 'Poster, 4:5',
        mode: 'cover',
        position: 'busy',
        width: 1600,
        height: 2000,
        enlarge: true,
      }),
      node('finish', 'convertImage', 1372, 12, { label: 'Ready to print', format: 'png' }),
      result('posters', 1712, 12, 'Ready to print'),
    ],
    edges: [
      edge('idea.output -> draw.prompt'),
      edge('draw.images -> choose.items'),
      edge('choose.output -> frame.image'),
      edge('frame.output -> finish.image'),
      edge('finish.output -> result-posters.value'),
    ],
  },
};

/** What is done to each element of a list, and with a person among it. */
export const listTemplates: readonly Template[] = [batchFormats, sceneCaptions, pickOfEight];
