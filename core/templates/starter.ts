import { edge, node, result, samplePhoto, sampleVideo, templateModel, type Template } from './template.ts';

/** What a new account finds: runs to the end by one click; the model waits, turned off, for its key. */
export const starterTemplate: Template = {
  id: 'starter',
  title: 'Starter: from a photo and a video',
  description: 'Crops a photo, extracts a frame from a video and crops that too. Press Run and watch.',
  runsWithoutKey: true,
  withoutModelOnly: ['turn-on'],
  graph: {
    nodes: [
      node('photo', 'image', 0, 0, { label: 'Product photo', file: samplePhoto }),
      node('close-up', 'cropImage', 332, 0, {
        label: 'Close-up',
        x_percent: 34,
        y_percent: 9,
        width_percent: 32,
        height_percent: 78,
      }),
      hint(
        'press-run',
        'run',
        [0, 344, 264, 104],
        'Welcome! Press Run. The nodes light up one after another and show their results.',
      ),
      hint(
        'change',
        'rerun',
        [0, 464, 264, 112],
        'Then drag the crop box or the frame slider and run again: only what changed runs again.',
      ),
      node('clip', 'video', 0, 660, { label: 'Turntable video', file: sampleVideo }),
      node('frame', 'extractFrame', 332, 660, { label: 'Best moment', timestamp: '88%' }),
      node('story', 'cropImage', 664, 660, {
        label: 'Story format',
        x_percent: 33,
        y_percent: 0,
        width_percent: 34,
        height_percent: 100,
      }),
      node('brief', 'text', 664, 340, {
        label: 'Brief',
        text: 'Write one line for a store window, based on these two images.',
      }),
      node('caption', 'llm', 996, 120, {
        label: 'Caption',
        model: templateModel,
        temperature: 0.8,
        off: true,
        offUntil: 'model',
      }),
      result('close_up', 664, 0, 'Close-up'),
      result('story', 996, 660, 'Story format'),
      result('caption', 1328, 120, 'Caption', { off: true, offUntil: 'model' }),
      hint(
        'turn-on',
        'model',
        [996, 0, 264, 92],
        'This one asks a language model. Add a key in Settings, and it turns itself on.',
      ),
    ],
    edges: [
      edge('photo.output -> close-up.image_url'),
      edge('clip.output -> frame.video_url'),
      edge('frame.output -> story.image_url'),
      edge('brief.output -> caption.user_message'),
      edge('close-up.output -> caption.images'),
      edge('story.output -> caption.images'),
      edge('close-up.output -> result-close_up.value'),
      edge('story.output -> result-story.value'),
      edge('caption.output -> result-caption.value'),
    ],
  },
};

/** A note that is gone for good after what it is about was done; place and size are in pixels of the canvas. */
function hint(
  id: string,
  after: 'run' | 'rerun' | 'model',
  box: readonly [number, number, number, number],
  text: string,
) {
  const [x, y, width, height] = box;
  return node(id, 'note', x, y, { text, hint: after }, { width, height });
}
