import { edge, node, note, samplePhoto, sampleVideo, type Template } from './template.ts';

/** What a new account finds: runs to the end by one click, with no key. */
export const starterTemplate: Template = {
  id: 'starter',
  title: 'Starter: from a photo and a video',
  description: 'Crops a photo, takes a frame out of a video and crops that too. Runs as it is; press Run and watch.',
  runsWithoutKey: true,
  graph: {
    nodes: [
      note(
        'welcome',
        -340,
        0,
        280,
        212,
        'Welcome!\n\nPress Run (Ctrl+Enter). The nodes light up one after another and show what they made.\n\nThen drag the crop box, move the frame slider, and run again: only what changed is made anew.',
      ),
      node('photo', 'image', 0, 0, { label: 'Product photo', file: samplePhoto }),
      node('close-up', 'cropImage', 360, -20, {
        label: 'Close-up',
        x_percent: 34,
        y_percent: 9,
        width_percent: 32,
        height_percent: 78,
      }),
      node('clip', 'video', 0, 420, { label: 'Turntable video', file: sampleVideo }),
      node('frame', 'extractFrame', 360, 640, { label: 'Best moment', timestamp: '50%' }),
      node('story', 'cropImage', 720, 560, {
        label: 'Story format',
        x_percent: 33,
        y_percent: 0,
        width_percent: 34,
        height_percent: 100,
      }),
      node('pass', 'delay', 720, 0, { label: 'Short pause', ms: 600 }),
    ],
    edges: [
      edge('photo.output -> close-up.image_url'),
      edge('clip.output -> frame.video_url'),
      edge('frame.output -> story.image_url'),
      edge('close-up.output -> pass.input'),
    ],
  },
};
