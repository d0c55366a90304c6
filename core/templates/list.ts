import { betterText } from './better-text.ts';
import { marketingKit } from './marketing-kit.ts';
import { starterTemplate } from './starter.ts';
import { supportRouting } from './support-routing.ts';
import { asked, edge, node, note, result, samplePhoto, sampleVideo, templateModel, type Template } from './template.ts';
import { filmTemplates } from './film-templates.ts';
import { imageTemplates } from './image-templates.ts';
import { listTemplates } from './list-templates.ts';

/** To shapes, so that they hold for a photo of any; the boxes are what that is on the sample, for the picture of the graph. */
const socialCrops: Template = {
  id: 'social-crops',
  title: 'Social media crops',
  description: 'One photo, cropped for feeds, stories, videos and banners in one run.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('photo', 'image', 0, 300, { label: 'Photo', file: samplePhoto, ...asked('photo', 'Photo') }),
      node('square', 'cropImage', 380, 0, {
        label: 'Feed, 1:1',
        by: 'shape',
        aspect: '1:1',
        x_percent: 12.5,
        y_percent: 0,
        width_percent: 75,
        height_percent: 100,
      }),
      node('story', 'cropImage', 1020, 0, {
        label: 'Story, 9:16',
        by: 'shape',
        aspect: '9:16',
        x_percent: 28.9,
        y_percent: 0,
        width_percent: 42.2,
        height_percent: 100,
      }),
      node('wide', 'cropImage', 380, 660, {
        label: 'Video, 16:9',
        by: 'shape',
        aspect: '16:9',
        x_percent: 0,
        y_percent: 12.5,
        width_percent: 100,
        height_percent: 75,
      }),
      node('banner', 'cropImage', 1020, 660, {
        label: 'Banner, 3:1',
        by: 'shape',
        aspect: '3:1',
        x_percent: 0,
        y_percent: 27.8,
        width_percent: 100,
        height_percent: 44.4,
      }),
      node('portrait', 'cropImage', 380, 1320, {
        label: 'Portrait, 4:5',
        by: 'shape',
        aspect: '4:5',
        x_percent: 20,
        y_percent: 0,
        width_percent: 60,
        height_percent: 100,
      }),
      result('feed', 680, 0, 'Feed, 1:1'),
      result('story', 1320, 0, 'Story, 9:16'),
      result('video', 680, 660, 'Video, 16:9'),
      result('banner', 1320, 660, 'Banner, 3:1'),
      result('portrait', 680, 1320, 'Portrait, 4:5'),
    ],
    edges: [
      ['square', 'feed'],
      ['story', 'story'],
      ['wide', 'video'],
      ['banner', 'banner'],
      ['portrait', 'portrait'],
    ].flatMap(([id, name]) => [edge(`photo.output -> ${id}.image_url`), edge(`${id}.output -> result-${name}.value`)]),
  },
};

const contactSheet: Template = {
  id: 'contact-sheet',
  title: 'Video contact sheet',
  description: 'Six frames spread over a video, and a sheet with all of them, to see what is in it at a glance.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('clip', 'video', 0, 240, { label: 'Video', file: sampleVideo, ...asked('video', 'Video') }),
      ...[0, 20, 40, 60, 80, 100].map((percent, index) =>
        node(`frame-${percent}`, 'extractFrame', 380 + (index % 3) * 300, Math.floor(index / 3) * 540, {
          label: `At ${percent} %`,
          timestamp: `${percent}%`,
        }),
      ),
      node('all', 'collect', 1320, 300, { label: 'All frames', mode: 'append' }),
      node('sheet', 'gridImages', 1660, 100, {
        label: 'Contact sheet',
        columns: 3,
        labels: [0, 20, 40, 60, 80, 100].map((percent) => `${percent} %`),
      }),
      result('sheet', 2000, 100, 'Contact sheet'),
      result('frames', 1660, 540, 'Frames'),
    ],
    edges: [
      ...[0, 20, 40, 60, 80, 100].flatMap((percent) => [
        edge(`clip.output -> frame-${percent}.video_url`),
        edge(`frame-${percent}.output -> all.items`),
      ]),
      edge('all.output -> sheet.images'),
      edge('sheet.output -> result-sheet.value'),
      edge('all.output -> result-frames.value'),
    ],
  },
};

const caption: Template = {
  id: 'caption',
  title: 'Describe and caption',
  description: 'A model describes an image, then writes alt text and a caption from its notes.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('photo', 'image', 0, 0, { label: 'Image', file: samplePhoto, ...asked('image', 'Image') }),
      node('look', 'llm', 360, 0, {
        label: 'What it shows',
        model: templateModel,
        userMessage: 'List what you see in this image: objects, materials, light, mood.',
        temperature: 0,
      }),
      node('alt', 'llm', 760, -160, {
        label: 'Alt text',
        model: templateModel,
        systemPrompt: 'Write one sentence of alt text for a screen reader from these notes. At most 120 characters.',
        temperature: 0,
      }),
      node('words', 'llm', 760, 380, {
        label: 'Caption',
        model: templateModel,
        systemPrompt: 'Write a short caption for an image gallery from these notes.',
        temperature: 0.9,
      }),
      result('alt_text', 1120, -160, 'Alt text'),
      result('caption', 1120, 380, 'Caption'),
    ],
    edges: [
      edge('photo.output -> look.images'),
      edge('look.output -> alt.user_message'),
      edge('look.output -> words.user_message'),
      edge('alt.output -> result-alt_text.value'),
      edge('words.output -> result-caption.value'),
    ],
  },
};

const comparePrompts: Template = {
  id: 'compare-prompts',
  title: 'Prompts side by side',
  description: 'The same task with three system prompts, answers side by side.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('task', 'text', 0, 0, {
        label: 'Task',
        text: 'Explain to a new colleague why we write tests.',
      }),
      ...[
        ['plain', 'Plain', 'Answer in three plain sentences.'],
        ['story', 'As a story', 'Answer with a story of at most 80 words.'],
        ['list', 'As a list', 'Answer with a list of five short points.'],
      ].map(([id, label, systemPrompt], index) =>
        node(id!, 'llm', 320 + index * 300, 0, { label, systemPrompt, model: templateModel, temperature: 0.7 }),
      ),
      ...[
        ['plain', 'Plain'],
        ['story', 'As a story'],
        ['list', 'As a list'],
      ].map(([id, label], index) => result(id!, 1260, index * 340, label!)),
      note('hint', 0, 220, 260, 96, 'All three run at the same time. Change the task and run again.'),
    ],
    edges: ['plain', 'story', 'list'].flatMap((id) => [
      edge(`task.output -> ${id}.user_message`),
      edge(`${id}.output -> result-${id}.value`),
    ]),
  },
};

/** The gallery, in order. */
export const templates: readonly Template[] = [
  starterTemplate,
  marketingKit,
  socialCrops,
  contactSheet,
  caption,
  comparePrompts,
  supportRouting,
  betterText,
  ...listTemplates,
  ...imageTemplates,
  ...filmTemplates,
];
