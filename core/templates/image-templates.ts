import {
  asked,
  edge,
  node,
  result,
  sampleNotes,
  samplePhoto,
  templateImageModel,
  templateModel,
  type Template,
} from './template.ts';

const each = { each: true };

const productShots: Template = {
  id: 'product-shots',
  title: 'Product shots in every format',
  description:
    'One photo for feeds, stories, banners and portraits, each below 300 KB, with a sheet that shows all of them.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('photo', 'image', 12, 1016, {
        label: 'Product photo',
        file: samplePhoto,
        ...asked('photo', 'Product photo'),
      }),
      node('square', 'resizeImage', 352, 12, {
        label: 'Feed, 1:1',
        mode: 'cover',
        width: 1080,
        height: 1080,
        enlarge: true,
      }),
      node('story', 'resizeImage', 352, 574, {
        label: 'Story, 9:16',
        mode: 'pad',
        fill: 'blur',
        width: 1080,
        height: 1920,
      }),
      node('banner', 'resizeImage', 352, 1256, {
        label: 'Banner, 16:9',
        mode: 'cover',
        position: 'busy',
        width: 1600,
        height: 900,
        enlarge: true,
      }),
      node('portrait', 'resizeImage', 352, 1818, {
        label: 'Portrait, 4:5',
        mode: 'cover',
        width: 1080,
        height: 1350,
        enlarge: true,
      }),
      node('all', 'collect', 692, 1008, { label: 'All formats', mode: 'append' }),
      node('web', 'convertImage', 1032, 935, {
        label: 'For the web',
        format: 'jpeg',
        quality: 85,
        limited: true,
        maxKb: 300,
      }),
      node('sheet', 'gridImages', 1372, 983, {
        label: 'At a glance',
        columns: 4,
        cellHeight: 480,
        labels: ['Feed, 1:1', 'Story, 9:16', 'Banner, 16:9', 'Portrait, 4:5'],
      }),
      result('images', 1372, 640, 'Images'),
      result('sheet', 1712, 983, 'At a glance'),
    ],
    edges: [
      ...['square', 'story', 'banner', 'portrait'].flatMap((id) => [
        edge(`photo.output -> ${id}.image`),
        edge(`${id}.output -> all.items`),
      ]),
      edge('all.output -> web.image'),
      edge('web.output -> sheet.images'),
      edge('web.output -> result-images.value'),
      edge('sheet.output -> result-sheet.value'),
    ],
  },
};

const beforeAfter: Template = {
  id: 'before-after',
  title: 'Before and after',
  description:
    'A photo and its edited version side by side, as a flicker, and measured: what changed, and by how much.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('before', 'image', 12, 529, { label: 'Before', file: samplePhoto, ...asked('photo', 'Photo') }),
      node('after', 'adjustImage', 352, 245, { label: 'After', brightness: 12, contrast: 18, saturation: 25 }),
      node('sheet', 'gridImages', 692, 12, {
        label: 'Side by side',
        columns: 2,
        cellWidth: 640,
        textSize: 28,
        labels: ['Before', 'After'],
      }),
      node('flicker', 'animate', 692, 438, { label: 'Flicker', format: 'webp', width: 480, seconds: 0.8 }),
      node('difference', 'compareImages', 692, 902, { label: 'What changed' }),
      result('edited', 692, -330, 'Edited photo'),
      result('side_by_side', 1032, 12, 'Side by side'),
      result('flicker', 1032, 438, 'Flicker'),
      result('difference', 1032, 902, 'What changed'),
    ],
    edges: [
      edge('before.output -> after.image'),
      ...['sheet', 'flicker'].flatMap((id) => [
        edge(`before.output -> ${id}.images`),
        edge(`after.output -> ${id}.images`),
      ]),
      edge('before.output -> difference.before'),
      edge('after.output -> difference.after'),
      edge('after.output -> result-edited.value'),
      edge('sheet.output -> result-side_by_side.value'),
      edge('flicker.output -> result-flicker.value'),
      edge('difference.output -> result-difference.value'),
    ],
  },
};

const watermarkBatch: Template = {
  id: 'watermark-batch',
  title: 'Watermark a batch',
  description:
    'Puts your name on many photos at once, and saves them small enough to send. Upload your own into the list.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('photos', 'list', 12, 394, {
        label: 'Photos',
        type: 'image',
        items: ['sample:flask.jpg', 'sample:turn-small.jpg', 'sample:flask-small.jpg'],
        ...asked('photos', 'Photos'),
      }),
      node('name', 'text', 352, 95, { label: 'Your name', text: '© Your name', ...asked('name', 'Your name') }),
      node('fit', 'resizeImage', 352, 291, { label: 'At most 1600 px', mode: 'inside', width: 1600, height: 1600 }),
      node('mark', 'drawText', 692, 12, {
        label: 'Watermark',
        size: 5,
        color: '#ffffffc0',
        align: 'right',
        vertical: 'bottom',
        outline: 4,
        outlineColor: '#00000080',
        x_percent: 4,
        y_percent: 4,
        width_percent: 92,
        height_percent: 92,
      }),
      node('save', 'convertImage', 1032, 43, { label: 'Ready to send', format: 'jpeg', quality: 85 }),
      result('photos', 1372, 43, 'Ready to send'),
    ],
    edges: [
      edge('photos.output -> fit.image'),
      edge('fit.output -> mark.image'),
      edge('name.output -> mark.text'),
      edge('mark.output -> save.image'),
      edge('save.output -> result-photos.value'),
    ],
  },
};

const parameterSheet: Template = {
  id: 'parameter-sheet',
  title: 'Contact sheet with parameters',
  description:
    'A model draws one subject in every combination of style and light; a sheet shows each with what was asked for.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('styles', 'list', 12, 216, {
        label: 'Styles',
        type: 'text',
        items: ['watercolor', 'linocut', 'paper collage'],
        ...asked('styles', 'Styles'),
      }),
      node('lights', 'list', 12, 512, {
        label: 'Light',
        type: 'text',
        items: ['at dawn', 'at night'],
        ...asked('lights', 'Light'),
      }),
      node('prompt', 'template', 352, 240, {
        label: 'Prompt',
        template: 'A lighthouse on a small island, {{style}}, {{light}}',
        each: { pairing: 'combinations' },
      }),
      node('draw', 'generateImage', 692, 12, { label: 'Draw', model: templateImageModel }),
      node('sheet', 'gridImages', 1032, 191, { label: 'Contact sheet', columns: 2, numbered: true }),
      result('images', 1032, -150, 'Images'),
      result('sheet', 1372, 191, 'Contact sheet'),
    ],
    edges: [
      edge('styles.output -> prompt.style', each),
      edge('lights.output -> prompt.light', each),
      edge('prompt.output -> draw.prompt'),
      edge('draw.output -> sheet.images'),
      edge('prompt.output -> sheet.labels'),
      edge('draw.output -> result-images.value'),
      edge('sheet.output -> result-sheet.value'),
    ],
  },
};

const documentCards: Template = {
  id: 'document-cards',
  title: 'Document to summary cards',
  description:
    'A model sums up a document in a few points; each becomes a card to share. Put in a PDF or text of your own.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('document', 'file', 352, 92, { label: 'Document', file: sampleNotes, ...asked('document', 'Document') }),
      node('photo', 'image', 12, 902, { label: 'Background', file: samplePhoto, ...asked('background', 'Background') }),
      node('points', 'llm', 692, 14, {
        label: 'Main points',
        model: templateModel,
        temperature: 0,
        userMessage:
          'Sum this document up in four points. For each, give a title of at most four words, and one sentence.',
        answerAs: 'fields',
        fields: [
          { id: 'titles', name: 'titles', type: 'list<text>', description: 'The titles, in order' },
          { id: 'sentences', name: 'sentences', type: 'list<text>', description: 'One sentence for each title' },
        ],
      }),
      node('card', 'resizeImage', 352, 902, {
        label: 'Card, 1:1',
        mode: 'cover',
        width: 1080,
        height: 1080,
        enlarge: true,
      }),
      node('dark', 'adjustImage', 692, 900, { label: 'Quiet background', brightness: -45, blur: 14 }),
      node('title', 'drawText', 1032, 440, {
        label: 'Title',
        size: 10,
        align: 'left',
        vertical: 'bottom',
        outline: 0,
        x_percent: 8,
        y_percent: 10,
        width_percent: 84,
        height_percent: 36,
      }),
      node('sentence', 'drawText', 1372, 12, {
        label: 'Sentence',
        size: 5.5,
        bold: false,
        align: 'left',
        vertical: 'top',
        outline: 0,
        x_percent: 8,
        y_percent: 50,
        width_percent: 84,
        height_percent: 42,
      }),
      node('sheet', 'gridImages', 1712, 61, { label: 'All cards', columns: 2, cellWidth: 540 }),
      result('sheet', 2052, 61, 'All cards'),
      result('cards', 1712, 500, 'Cards'),
    ],
    edges: [
      edge('document.output -> points.files'),
      edge('photo.output -> card.image'),
      edge('card.output -> dark.image'),
      edge('dark.output -> title.image'),
      edge('points.titles -> title.text'),
      edge('title.output -> sentence.image'),
      edge('points.sentences -> sentence.text'),
      edge('sentence.output -> sheet.images'),
      edge('sheet.output -> result-sheet.value'),
      edge('sentence.output -> result-cards.value'),
    ],
  },
};

/** Jobs that end with pictures. */
export const imageTemplates: readonly Template[] = [
  productShots,
  beforeAfter,
  watermarkBatch,
  parameterSheet,
  documentCards,
];
