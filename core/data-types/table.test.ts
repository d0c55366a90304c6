import { describe, expect, test } from '@jest/globals';
import { acceptedTypes, fileTypeOf, formatOf, guessFileType, typeOfDataUrl, typeByName } from './files.ts';
import {
  dataTypes,
  fileTypes,
  handleTypes,
  isListType,
  listOf,
  maxBytesOf,
  partsOf,
  rowOf,
  traitsOf,
} from './table.ts';
import { defaultMediaLimits } from '../limits.ts';

describe('the table of data types', () => {
  test.each(fileTypes)('gives every format of %s back by its content type, and no other type has it', (type) => {
    for (const format of traitsOf(type).formats) {
      expect([fileTypeOf(format.mimeType), formatOf(format.mimeType)]).toEqual([type, format]);
      expect(typeByName(`name.${format.extension.toUpperCase()}`)).toBe(type);
      expect(
        acceptedTypes(type).some((accepted) => new RegExp(`^${accepted.replace('*', '.*')}$`).test(format.mimeType)),
      ).toBe(true);
    }
  });

  test('knows no signature and no ending twice', () => {
    const formats = fileTypes.flatMap((type) => traitsOf(type).formats);
    const signatures = formats.flatMap(({ mimeType, signatures: given = [mimeType] }) => given);
    const endings = fileTypes.flatMap((type) => [
      ...traitsOf(type).formats.flatMap(({ extension, endings: more = [] }) => [extension, ...more]),
      ...traitsOf(type).strangeEndings,
    ]);
    expect(new Set(signatures).size).toBe(signatures.length);
    expect(new Set(endings).size).toBe(endings.length);
  });

  test('names only types that there are, and a sound for what may be one', () => {
    for (const type of dataTypes) {
      const { takes } = rowOf(type);
      for (const taken of takes === 'all' ? [] : takes) expect(dataTypes).toContain(taken);
    }
    for (const type of fileTypes) {
      for (const { audioOnly } of traitsOf(type).formats) {
        if (audioOnly !== undefined) expect(formatOf(audioOnly)).not.toBeNull();
      }
    }
  });

  test('bounds a file of an unknown type by the largest limit', () => {
    expect(maxBytesOf(undefined, defaultMediaLimits)).toBe(defaultMediaLimits.maxVideoBytes);
    expect(maxBytesOf('audio', defaultMediaLimits)).toBe(defaultMediaLimits.maxAudioBytes);
  });
});

describe('a list', () => {
  test('is of each type that there is, and has a row that follows from it', () => {
    expect(handleTypes).toHaveLength(2 * dataTypes.length);
    for (const type of dataTypes) {
      const list = listOf(type, 1);
      expect(handleTypes).toContain(list);
      expect([isListType(type), isListType(list), partsOf(list)]).toEqual([false, true, { element: type, depth: 1 }]);
      expect(rowOf(list)).toMatchObject({
        named: `a list of ${rowOf(type).plural}`,
        color: rowOf(type).color,
        file: null,
      });
    }
  });

  test('can be one of lists, down to the fourth', () => {
    expect(listOf('list<image>', 2)).toBe('list<list<list<image>>>');
    expect(listOf('image', 0)).toBe('image');
    expect(listOf('list<image>', 9)).toBe('list<list<list<list<image>>>>');
    expect(partsOf('list<list<image>>')).toEqual({ element: 'image', depth: 2 });
    expect(rowOf('list<list<image>>').title).toBe('List of lists of images');
  });
});

test.each([
  ['image/tiff', 'x', 'image'],
  ['', 'Photo.HEIC', 'image'],
  ['', 'song.opus', 'audio'],
  ['application/vnd.ms-excel', 'table.csv', 'file'],
  ['application/zip', 'files.zip', null],
  ['', 'no ending', null],
] as const)('a file that claims to be "%s" and is called %s seems to be of the type %s', (claimed, name, type) => {
  expect(guessFileType(claimed, name)).toBe(type);
});

test('a data URL says what it holds', () => {
  expect(typeOfDataUrl('data:audio/ogg;base64,T2dn')).toBe('audio');
  expect(typeOfDataUrl('data:application/zip;base64,UEs=')).toBeNull();
  expect(typeOfDataUrl('https://example.org/a.png')).toBeNull();
});
