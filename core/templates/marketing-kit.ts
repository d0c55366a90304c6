import { asked, edge, node, result, samplePhoto, sampleVideo, templateModel, type Template } from './template.ts';

/** The classic of this kind of tool: one photo and one video become a small campaign. */
export const marketingKit: Template = {
  id: 'marketing-kit',
  title: 'Product marketing kit',
  description:
    'From one product photo and one video: a description, a close-up, a key frame, and a post based on all of it.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('photo', 'image', 0, 320, { label: 'Product photo', file: samplePhoto, ...asked('photo', 'Product photo') }),
      node('close-up', 'cropImage', 332, 320, {
        label: 'Close-up',
        x_percent: 34,
        y_percent: 9,
        width_percent: 32,
        height_percent: 78,
      }),
      node('brief-role', 'text', 332, -96, {
        label: 'Role',
        text: 'You write clear product copy for an online store. You never invent features.',
      }),
      node('brief', 'text', 332, 100, {
        label: 'Product brief',
        text: 'Describe the product in the image in two sentences: what it is, what it is made of and who it is for.',
      }),
      node('describe', 'llm', 690, -60, { label: 'Product description', model: templateModel, temperature: 0.4 }),
      node('clip', 'video', 0, 970, { label: 'Product video', file: sampleVideo, ...asked('video', 'Product video') }),
      node('key-frame', 'extractFrame', 332, 970, { label: 'Key frame', timestamp: '50%' }),
      node('post-role', 'text', 690, 456, {
        label: 'Social media role',
        text: 'You write short, friendly posts. At most 40 words, two hashtags, no exclamation marks.',
      }),
      node('post', 'llm', 1050, 340, { label: 'Marketing post', model: templateModel, temperature: 0.8 }),
      result('description', 1050, -60, 'Product description'),
      result('close_up', 690, 650, 'Close-up'),
      result('key_frame', 690, 970, 'Key frame'),
      result('post', 1390, 340, 'Marketing post'),
    ],
    edges: [
      edge('photo.output -> close-up.image_url'),
      edge('brief-role.output -> describe.system_prompt'),
      edge('brief.output -> describe.user_message'),
      edge('close-up.output -> describe.images'),
      edge('clip.output -> key-frame.video_url'),
      edge('post-role.output -> post.system_prompt'),
      edge('describe.output -> post.user_message'),
      edge('close-up.output -> post.images'),
      edge('key-frame.output -> post.images'),
      edge('describe.output -> result-description.value'),
      edge('close-up.output -> result-close_up.value'),
      edge('key-frame.output -> result-key_frame.value'),
      edge('post.output -> result-post.value'),
    ],
  },
};
