import { describe, expect, test } from '@jest/globals';
import type { AttemptAssets } from './executor.ts';
import {
  assetInput,
  assetInputs,
  jsonInput,
  numberInput,
  resolveAssetInput,
  resolveAssetInputs,
  textInput,
} from './inputs.ts';
import type { AssetReference } from './values.ts';

const image: AssetReference = {
  assetId: '0198c0de-0000-7000-8000-000000000000',
  url: '/api/assets/0198c0de-0000-7000-8000-000000000000/content',
  mimeType: 'image/png',
  bytes: 1,
  sha256: 'a'.repeat(64),
};
const video: AssetReference = { ...image, mimeType: 'video/mp4' };

describe('a text input', () => {
  test('is undefined where nothing is connected', () => {
    expect(textInput({}, 'user_message')).toBeUndefined();
    expect(textInput({}, 'toString')).toBeUndefined();
  });

  test('is the text, also when it is empty', () => {
    expect(textInput({ user_message: 'hi' }, 'user_message')).toBe('hi');
    expect(textInput({ user_message: '' }, 'user_message')).toBe('');
  });

  test('is what other data look like when they are written down', () => {
    expect(textInput({ user_message: 1.5 }, 'user_message')).toBe('1.5');
    expect(textInput({ user_message: false }, 'user_message')).toBe('false');
    expect(textInput({ user_message: { a: [1] } }, 'user_message')).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  test.each([[null], [image], [[image, 'b']]])('refuses %j and names the handle', (value) => {
    expect(() => textInput({ user_message: value }, 'user_message')).toThrow(
      expect.objectContaining({ code: 'TYPE_MISMATCH', message: expect.stringContaining('"user_message"') }),
    );
  });
});

describe('a number input', () => {
  test('takes numbers, and text that is a number', () => {
    expect(numberInput({}, 'width')).toBeUndefined();
    expect(numberInput({ width: 0 }, 'width')).toBe(0);
    expect(numberInput({ width: ' -1.5 ' }, 'width')).toBe(-1.5);
  });

  test.each([[''], ['12 px'], ['Infinity'], [true], [null], [[1]], [image]])('refuses %j', (value) => {
    expect(() => numberInput({ width: value }, 'width')).toThrow(/"width" takes a number but got/);
  });
});

describe('a JSON input', () => {
  test('takes data as they are, and text that holds them', () => {
    expect(jsonInput({}, 'data')).toBeUndefined();
    expect(jsonInput({ data: { a: [1, null] } }, 'data')).toEqual({ a: [1, null] });
    expect(jsonInput({ data: false }, 'data')).toBe(false);
    expect(jsonInput({ data: '[1, "b"]' }, 'data')).toEqual([1, 'b']);
    expect(jsonInput({ data: '```json\n{"a": 1}\n```\n' }, 'data')).toEqual({ a: 1 });
  });

  test('refuses files, and text that is no JSON, in words', () => {
    expect(() => jsonInput({ data: image }, 'data')).toThrow(/"data" takes JSON data but got an image/);
    expect(() => jsonInput({ data: [image] }, 'data')).toThrow(/"data" takes JSON data but got a list of 1 values/);
    expect(() => jsonInput({ data: '{"a": }' }, 'data')).toThrow(/"data" takes JSON but got text that is not JSON \(/);
  });
});

describe('an asset input', () => {
  test('is the asset of the wanted kind', () => {
    expect(assetInput({ image_url: image }, 'image_url', 'image')).toEqual(image);
    expect(assetInput({}, 'image_url', 'image')).toBeUndefined();
  });

  test.each(['https://example.com/a.png', 'HTTP://example.com', 'data:image/png;base64,AA==', image.url])(
    'takes the address %s as text',
    (address) => {
      expect(assetInput({ image_url: ` ${address}\n` }, 'image_url', 'image')).toBe(address);
    },
  );

  test.each([['hello'], [''], [null], [video], [[image]], [{ assetId: 'x' }]])('refuses %j', (value) => {
    expect(() => assetInput({ image_url: value }, 'image_url', 'image')).toThrow(
      expect.objectContaining({
        code: 'TYPE_MISMATCH',
        details: expect.objectContaining({ handle: 'image_url', expected: 'image' }),
      }),
    );
  });
});

describe('the asset inputs of a handle with many edges', () => {
  test('come in edge order, with lists spread out', () => {
    const second = { ...image, sha256: 'b'.repeat(64) };
    const values = [image, [second, 'https://example.com/a.png']];
    expect(assetInputs({ images: values }, 'images', 'image')).toEqual([image, second, 'https://example.com/a.png']);
    expect(assetInputs({}, 'images', 'image')).toEqual([]);
  });

  test('refuse one wrong value among right ones', () => {
    expect(() => assetInputs({ images: [image, video] }, 'images', 'image')).toThrow(/takes an image but got a video/);
  });
});

test('addresses are resolved and assets are kept', async () => {
  const asked: string[] = [];
  const assets = {
    resolve: async (source: string) => {
      asked.push(source);
      return { ...image, sha256: 'c'.repeat(64) };
    },
  } as Partial<AttemptAssets> as AttemptAssets;
  const signal = new AbortController().signal;
  const inputs = { image_url: 'https://example.com/a.png', images: [image, 'https://example.com/b.png'] };
  expect((await resolveAssetInput({ inputs, assets, signal }, 'image_url', 'image'))?.sha256).toBe('c'.repeat(64));
  expect(
    (await resolveAssetInputs({ inputs, assets, signal }, 'images', 'image')).map((asset) => asset.sha256),
  ).toEqual(['a'.repeat(64), 'c'.repeat(64)]);
  expect(asked).toEqual(['https://example.com/a.png', 'https://example.com/b.png']);
});
