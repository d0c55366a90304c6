import { expect, test } from '@jest/globals';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { fittingTypes } from './connection-rules.ts';
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
