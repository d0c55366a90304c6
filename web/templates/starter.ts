import { edge, node, note, samplePhoto, sampleVideo, type Template } from './template.ts';

/** What a new account finds: runs to the end by one click, with no key. */
export const starterTemplate: Template = {
  id: 'starter',
  title: 'Starter: from a photo and a video',
  description:
    'Crops a photo twice, takes a frame out of a video and crops that too. Runs as it is; press Run and watch.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      note(
        'welcome',
        -340,
        0,
        280,
        228,
        'Welcome!\n\nPress Run (Ctrl+Enter). The nodes light up one after another and show what they made.\n\nThen drag the crop box or the frame slider and run again: only what changed is made anew.',
      ),
      node('photo', 'image', 0, 0, { label: 'Product photo', file: samplePhoto }),
      node('close-up', 'cropImage', 360, 0, {
        label: 'Close-up',
        x_percent: 34,
        y_percent: 9,
        width_percent: 32,
        height_percent: 78,
      }),
      node('label', 'cropImage', 720, 0, {
        label: 'The label',
        x_percent: 25,
        y_percent: 38,
        width_percent: 60,
        height_percent: 34,
      }),
      node('clip', 'video', 0, 720, { label: 'Turntable video', file: sampleVideo }),
      node('frame', 'extractFrame', 360, 720, { label: 'Best moment', timestamp: '88%' }),
      node('story', 'cropImage', 720, 720, {
        label: 'Story format',
        x_percent: 33,
        y_percent: 0,
        width_percent: 34,
        height_percent: 100,
      }),
      node('idea', 'text', 720, -220, { label: 'Caption', text: 'Hot for twelve hours. Yours for years.' }),
      node('pause', 'delay', 1080, 60, { label: 'Collect', ms: 400 }),
    ],
    edges: [
      edge('photo.output -> close-up.image_url'),
      edge('close-up.output -> label.image_url'),
      edge('clip.output -> frame.video_url'),
      edge('frame.output -> story.image_url'),
      edge('label.output -> pause.input'),
      edge('idea.output -> pause.input'),
      edge('story.output -> pause.input'),
    ],
  },
};
