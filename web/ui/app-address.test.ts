import { describe, expect, test } from '@jest/globals';
import { addressOf, basePathOf, pageOf, readFilesAt } from './app-address.ts';

describe('C20: the app under a path', () => {
  test('knows its path by the base of the page', () => {
    expect(basePathOf('https://example.org/')).toBe('');
    expect(basePathOf('https://example.org/heddle/')).toBe('/heddle');
    expect(basePathOf('https://example.org/tools/heddle/')).toBe('/tools/heddle');
  });

  test('asks for what is its own below that path, and for nothing else', () => {
    expect(addressOf('/api/runs', '/heddle')).toBe('/heddle/api/runs');
    expect(addressOf('/api/runs', '')).toBe('/api/runs');
    for (const address of ['https://example.org/a.png', 'data:image/png;base64,AA', 'blob:x', '//example.org/a.png']) {
      expect(addressOf(address, '/heddle')).toBe(address);
    }
  });

  test('tells a page by what is behind its path', () => {
    expect(pageOf('/heddle/runs/1', '/heddle')).toBe('/runs/1');
    expect(pageOf('/heddle', '/heddle')).toBe('/');
    expect(pageOf('/heddles/1', '/heddle')).toBe('/heddles/1');
    expect(pageOf('/runs/1', '')).toBe('/runs/1');
  });
});

test('files are asked for where whoever came by a link may read them', () => {
  readFilesAt('/api/shared/t/files');
  expect(addressOf('/api/assets/1/content', '/heddle')).toBe('/heddle/api/shared/t/files/1/content');
  expect(addressOf('/api/assets', '')).toBe('/api/shared/t/files');
  expect(addressOf('/api/runs', '')).toBe('/api/runs');
  readFilesAt('/api/assets');
  expect(addressOf('/api/assets', '')).toBe('/api/assets');
});
