import { marketingKit } from './marketing-kit.ts';
import { starterTemplate } from './starter.ts';
import { supportRouting } from './support-routing.ts';
import { edge, node, note, samplePhoto, sampleVideo, templateModel, type Template } from './template.ts';
import { filmTemplates } from './film-templates.ts';
import { imageTemplates } from './image-templates.ts';

/** To shapes, so that they hold for a photo of any; the boxes are what that is on the sample, for the picture of the graph. */
const socialCrops: Template = {
  id: 'social-crops',
  title: 'Social media crops',
  description: 'One photo, cropped for feeds, stories, videos and banners in one run.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('photo', 'image', 0, 300, { label: 'Photo', file: samplePhoto }),
      node('square', 'cropImage', 380, 0, {
        label: 'Feed, 1:1',
        by: 'shape',
        aspect: '1:1',
        x_percent: 12.5,
        y_percent: 0,
        width_percent: 75,
        height_percent: 100,
      }),
      node('story', 'cropImage', 680, 0, {
        label: 'Story, 9:16',
        by: 'shape',
        aspect: '9:16',
        x_percent: 28.9,
        y_percent: 0,
        width_percent: 42.2,
        height_percent: 100,
      }),
      node('wide', 'cropImage', 980, 0, {
        label: 'Video, 16:9',
        by: 'shape',
        aspect: '16:9',
        x_percent: 0,
        y_percent: 12.5,
        width_percent: 100,
        height_percent: 75,
      }),
      node('banner', 'cropImage', 380, 660, {
        label: 'Banner, 3:1',
        by: 'shape',
        aspect: '3:1',
        x_percent: 0,
        y_percent: 27.8,
        width_percent: 100,
        height_percent: 44.4,
      }),
      node('portrait', 'cropImage', 680, 660, {
        label: 'Portrait, 4:5',
        by: 'shape',
        aspect: '4:5',
        x_percent: 20,
        y_percent: 0,
        width_percent: 60,
        height_percent: 100,
      }),
    ],
    edges: ['square', 'story', 'wide', 'banner', 'portrait'].map((id) => edge(`photo.output -> ${id}.image_url`)),
  },
};

const contactSheet: Template = {
  id: 'contact-sheet',
  title: 'Video contact sheet',
  description: 'Six frames spread over a video, to see what is in it at a glance.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      node('clip', 'video', 0, 240, { label: 'Video', file: sampleVideo }),
      ...[0, 20, 40, 60, 80, 100].map((percent, index) =>
        node(`frame-${percent}`, 'extractFrame', 380 + (index % 3) * 300, Math.floor(index / 3) * 540, {
          label: `At ${percent} %`,
          timestamp: `${percent}%`,
        }),
      ),
    ],
    edges: [0, 20, 40, 60, 80, 100].map((percent) => edge(`clip.output -> frame-${percent}.video_url`)),
  },
};

const caption: Template = {
  id: 'caption',
  title: 'Describe and caption',
  description: 'A model describes an image, then writes alt text and a caption from its notes.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('photo', 'image', 0, 0, { label: 'Image', file: samplePhoto }),
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
    ],
    edges: [
      edge('photo.output -> look.images'),
      edge('look.output -> alt.user_message'),
      edge('look.output -> words.user_message'),
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
      node('task', 'text', 0, 0, { label: 'Task', text: 'Explain to a new colleague why we write tests.' }),
      ...[
        ['plain', 'Plain', 'Answer in three plain sentences.'],
        ['story', 'As a story', 'Answer with a story of at most 80 words.'],
        ['list', 'As a list', 'Answer with a list of five short points.'],
      ].map(([id, label, systemPrompt], index) =>
        node(id!, 'llm', 320 + index * 300, 0, { label, systemPrompt, model: templateModel, temperature: 0.7 }),
      ),
      note('hint', 0, 220, 260, 96, 'All three run at the same time. Change the task and run again.'),
    ],
    edges: ['plain', 'story', 'list'].map((id) => edge(`task.output -> ${id}.user_message`)),
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
  ...imageTemplates,
  ...filmTemplates,
];
