import { expect, test } from '@jest/globals';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { catalogueFrom } from './catalogue.ts';
import { keepTypes } from './look.ts';
import { shapeToCome } from './shape-to-come.ts';

const types = nodeDefinitions.map(describeNodeType);
const catalogue = catalogueFrom(types);
keepTypes(types);

const photo = '/api/assets/5/content';
const node = (id: string, type: string, data: object) => ({ id, type, position: { x: 0, y: 0 }, data: { ...data } });
const edge = (source: string, target: string, targetHandle: string) => ({
  ...{ id: `${source} ${target} ${targetHandle}`, source, sourceHandle: 'output', target, targetHandle },
});
/** A photo, and a node of that type that gets it. */
const shapeOf = (type: string, input: string, data: object, more: readonly ReturnType<typeof edge>[] = []) =>
  shapeToCome(
    {
      nodes: [
        node('photo', 'image', { file: { url: photo, name: 'a.png', type: 'image/png' } }),
        node('clip', 'video', { file: { url: photo, name: 'a.mp4', type: 'video/mp4' } }),
        node('number', 'number', { value: 4 }),
        node('box', 'json', { value: {} }),
        node('it', type, data),
      ],
      edges: [edge(type === 'extractFrame' || type.endsWith('Video') ? 'clip' : 'photo', 'it', input), ...more],
    },
    catalogue,
    null,
    'it',
  );

test.each<[string, string, string, object, number | null, 'of it' | 'alone']>([
  ['the ratio of a crop', 'cropImage', 'image_url', { by: 'shape', aspect: '4:5' }, 0.8, 'alone'],
  ['a box in pixels', 'cropImage', 'image_url', { by: 'pixels', width_px: 300, height_px: 200 }, 1.5, 'alone'],
  ['a box in percent', 'cropImage', 'image_url', { width_percent: 50, height_percent: 100 }, 0.5, 'of it'],
  ['a crop as it is at first', 'cropImage', 'image_url', {}, 1, 'of it'],
  ['a ratio that is being typed', 'cropImage', 'image_url', { by: 'shape', aspect: '16:' }, null, 'alone'],
  ['a frame', 'extractFrame', 'video_url', {}, 1, 'of it'],
  ['an image fitted inside', 'resizeImage', 'image', { width: 800, height: 800 }, 1, 'of it'],
  ['an image that fills', 'resizeImage', 'image', { mode: 'cover', width: 800, height: 400 }, 2, 'alone'],
  ['one side of an image that fills', 'resizeImage', 'image', { mode: 'cover', width: 800 }, 1, 'of it'],
  ['a video in a shape', 'resizeVideo', 'video', { aspect: '9:16', mode: 'blur' }, 9 / 16, 'alone'],
  ['a video as it was', 'resizeVideo', 'video', { aspect: 'original', mode: 'blur' }, 1, 'of it'],
  ['text', 'replaceText', 'text', {}, null, 'alone'],
])('of %s', (_what, type, input, data, times, from) => {
  const expected = times === null ? null : { of: from === 'alone' ? null : photo, times: expect.closeTo(times) };
  expect(shapeOf(type, input, data)).toEqual(expected);
});

test('nobody knows it where a connection decides', () => {
  const cover = { mode: 'cover', width: 800, height: 400 };
  expect(shapeOf('resizeImage', 'image', cover, [edge('number', 'it', 'width')])).toBeNull();
  expect(shapeOf('cropImage', 'image_url', {}, [edge('box', 'it', 'box')])).toBeNull();
});

test('a chain is followed up to its file, and a circle is not followed for ever', () => {
  const chain = {
    nodes: [
      node('photo', 'image', { file: { url: photo, name: 'a.png', type: 'image/png' } }),
      node('half', 'cropImage', { width_percent: 50 }),
      node('inner', 'cropImage', { height_percent: 25 }),
    ],
    edges: [edge('photo', 'half', 'image_url'), edge('half', 'inner', 'image_url')],
  };
  expect(shapeToCome(chain, catalogue, null, 'inner')).toEqual({ of: photo, times: 2 });
  const circle = {
    nodes: chain.nodes,
    edges: [edge('inner', 'half', 'image_url'), edge('half', 'inner', 'image_url')],
  };
  expect(shapeToCome(circle, catalogue, null, 'inner')).toBeNull();
});
