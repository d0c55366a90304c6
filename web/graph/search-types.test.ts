import { expect, test } from '@jest/globals';
import type { ModelProviderInfo } from '../../core/api/llm.ts';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { fittingTypes } from './connection-rules.ts';
import { newNodeData } from './new-node-data.ts';
import { searchTypes } from './search-types.ts';

const types = nodeDefinitions.map(describeNodeType);
const found = (search: string) => searchTypes(types, search, (info) => info).map(({ type }) => type);

test('nothing typed finds all, in their order', () => {
  expect(found('  ')).toEqual(nodeDefinitions.map(({ type }) => type));
});

test.each([
  ['photo', 'image'],
  ['gemini', 'llm'],
  ['aspect ratio', 'cropImage'],
  ['poster', 'extractFrame'],
  ['WAIT', 'delay'],
  ['pdf', 'file'],
  ['scale', 'resizeImage'],
  ['thumbnail', 'resizeImage'],
  ['letterbox', 'resizeImage'],
  ['mirror', 'rotateImage'],
  ['black and white', 'adjustImage'],
  ['compress', 'convertImage'],
  ['collage', 'composeImages'],
  ['picture in picture', 'composeImages'],
  ['caption', 'drawText'],
  ['watermark', 'drawText'],
  ['contact sheet', 'gridImages'],
  ['mosaic', 'gridImages'],
  ['slideshow', 'videoFromImages'],
  ['ken burns', 'videoFromImages'],
  ['images to gif', 'animate'],
  ['duration', 'videoInfo'],
  ['soundtrack', 'extractAudio'],
  ['shorten', 'trimVideo'],
  ['reels', 'resizeVideo'],
  ['dissolve', 'joinVideos'],
  ['lower third', 'overlayVideo'],
  ['hardsub', 'subtitleVideo'],
  ['captions', 'subtitleVideo'],
  ['text to video', 'generateVideo'],
  ['veo', 'generateVideo'],
  ['comfyui', 'comfy'],
  ['loudness', 'adjustAudio'],
  ['wav to mp3', 'convertAudio'],
])('"%s" finds %s first, by what people call it', (search, type) => {
  expect(found(search)[0]).toBe(type);
});

test('what two do is found with both', () => {
  expect(found('vertical')).toEqual(['cropImage', 'resizeImage', 'resizeVideo']);
});

test('a title goes before another name, and that before a description', () => {
  expect(found('image')[0]).toBe('image');
  expect(found('image').indexOf('cropImage')).toBeLessThan(found('image').indexOf('llm'));
});

test('every word has to be found', () => {
  expect(found('crop rectangle')).toEqual(['cropImage']);
  expect(found('crop sound')).toEqual([]);
});

test('what a dangling edge may go on with is first what is made for it, then what takes anything', () => {
  const catalogue = new Map(types.map((info) => [info.type, info]));
  const after = (dataType: 'video' | 'list<image>') =>
    fittingTypes(catalogue, { side: 'source', dataType }).map(({ info }) => info.type);
  expect(after('video').slice(0, 2)).toEqual(['extractFrame', 'extractFrames']);
  expect(after('list<image>').indexOf('cropImage')).toBeLessThan(after('list<image>').indexOf('template'));
  expect(after('video')).toContain('template');
});

test('a new node asks the model that the last one of its type asks, or one that could answer; what has its price is chosen', () => {
  const info = (type: string) => types.find((each) => each.type === type);
  const provider = { id: 'p', title: 'P', variable: 'P_KEY', configured: true, ownKey: false };
  const models = [
    { id: 'draws', title: 'Draws', makes: ['image' as const] },
    { id: 'writes', title: 'Writes' },
  ];
  const providers: ModelProviderInfo[] = [
    { ...provider, id: 'q', configured: false, models: [{ id: 'q1', title: 'Q' }] },
    { ...provider, models },
  ];
  const node = (type: string, model: string) => ({ id: model, type, position: { x: 0, y: 0 }, data: { model } });
  expect(newNodeData(info('llm'), { nodes: [], providers })).toEqual({ model: 'writes' });
  expect(newNodeData(info('llm'), { nodes: [], providers: null })).toEqual({});
  expect(newNodeData(info('generateImage'), { nodes: [], providers })).toEqual({});
  const nodes = [node('llm', 'chosen'), node('llm', ''), node('generateImage', 'draws')];
  expect(newNodeData(info('llm'), { nodes, providers })).toEqual({ model: 'chosen' });
  expect(newNodeData(info('generateImage'), { nodes, providers: null })).toEqual({ model: 'draws' });
  expect(newNodeData(info('cropImage'), { nodes, providers })).toEqual({});
});
