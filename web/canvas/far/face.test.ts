import { describe, expect, test } from '@jest/globals';
import { describeNodeType } from '../../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../../nodes/definitions.ts';
import { catalogueFrom } from '../../graph/catalogue.ts';
import { nodeExecution } from '../../live/execution-fixture.ts';
import { faceOf } from './face-of.ts';
import { faceLetters } from './far.ts';

const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
const id = '00000000-0000-7000-8000-000000000001';
const picture = {
  assetId: id,
  url: `/api/assets/${id}/content`,
  mimeType: 'image/png',
  bytes: 1,
  sha256: '0'.repeat(64),
};

describe('the face of a node', () => {
  test('is the first file that it put out, else its first words', () => {
    const crop = catalogue.get('cropImage');
    const done = nodeExecution({ status: 'COMPLETED', outputData: { output: picture } });
    expect(faceOf({ data: {} }, crop, done)).toEqual({ kind: 'image', url: picture.url });
    const said = nodeExecution({ status: 'COMPLETED', outputData: { output: 'A warm cup.' } });
    expect(faceOf({ data: {} }, catalogue.get('llm'), said)).toEqual({ kind: 'words', words: 'A warm cup.' });
    const many = nodeExecution({ status: 'COMPLETED', outputData: { output: [picture, picture] } });
    expect(faceOf({ data: {} }, crop, many)).toEqual({ kind: 'image', url: picture.url });
  });

  test('before a run is what the node holds, unless that is a file of another host', () => {
    const image = catalogue.get('image');
    expect(faceOf({ data: { file: { url: picture.url } } }, image, undefined)).toEqual({
      kind: 'image',
      url: picture.url,
    });
    expect(faceOf({ data: { file: { url: 'https://example.org/a.png' } } }, image, undefined)).toEqual({
      kind: 'none',
    });
    expect(faceOf({ data: { text: 'words' } }, catalogue.get('text'), undefined)).toEqual({
      kind: 'words',
      words: 'words',
    });
    expect(faceOf({ data: {} }, catalogue.get('llm'), undefined)).toEqual({ kind: 'none' });
  });

  test('of a failed one says why', () => {
    const failed = nodeExecution({ status: 'FAILED', error: 'The prompt is not allowed here.' });
    expect(faceOf({ data: {} }, catalogue.get('llm'), failed)).toEqual({
      kind: 'error',
      words: 'The prompt is not allowed here.',
    });
  });
});

test('letters on faces are at least 11 pixels high at every zoom, or are left out', () => {
  for (const isLarge of [false, true]) {
    for (const isReadOnly of [false, true]) {
      for (let zoom = 0.08; zoom <= 2.5; zoom += 0.01) {
        const letters = faceLetters(zoom, { isLarge, isReadOnly });
        if (letters !== null && letters > 0) expect(letters * zoom).toBeGreaterThanOrEqual(11);
        // Where nothing can be changed, an inside is drawn only where its smallest letters can be read.
        if (letters === null && isReadOnly && !isLarge) expect(11 * zoom).toBeGreaterThanOrEqual(11);
      }
    }
  }
  expect(faceLetters(0.1, { isLarge: false, isReadOnly: false })).toBe(0);
});
