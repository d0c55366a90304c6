import { beforeAll, expect, test } from '@jest/globals';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { loadCanvasDefinitions } from '../../nodes/canvas-definitions.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { keepTypes } from './look.ts';
import { heightToCome } from './node-height.ts';
import { expectedHeight } from './node-size.ts';

beforeAll(async () => {
  keepTypes(nodeDefinitions.map(describeNodeType));
  await loadCanvasDefinitions();
});

test('a fresh node is as high as its type says', () => {
  for (const { type, defaults } of nodeDefinitions.filter(({ type }) => type !== 'cropImage')) {
    expect([type, heightToCome(type, defaults)]).toEqual([type, expectedHeight(type)]);
  }
});

test.each([
  ['fields that come with a mode', 'resizeImage', { mode: 'pad' }, 180],
  ['a field in place of one of another height', 'extractFrames', { by: 'scenes' }, -8],
  ['a field that goes', 'convertImage', { format: 'png' }, -52],
  ['the button of details that are none any more', 'extractAudio', { format: 'wav' }, -28],
  ['a result of another type', 'collect', { mode: 'count' }, -120],
  ['an input for each name in a text', 'template', { template: '{{a}} {{b}} {{c}} {{d}}' }, 66],
])('%s is reckoned with', (_, type, data, more) => {
  const { defaults } = nodeDefinitions.find((definition) => definition.type === type)!;
  expect(heightToCome(type, { ...defaults, ...data }) - heightToCome(type, defaults)).toBe(more);
});

test('where an editor stands in place of the form its own height counts', () => {
  expect(heightToCome('cropImage', {})).toBe(608);
  expect(heightToCome('cropImage', { by: 'pixels' })).toBe(576);
  expect(heightToCome('cropImage', { by: 'shape' })).toBe(456);
});

test('a type that this server does not have is as high as most', () => {
  expect(heightToCome('gone', { mode: 'pad' })).toBe(290);
});
