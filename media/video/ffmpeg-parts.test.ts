import { describe, expect, test } from '@jest/globals';
import { chmod, utimes, writeFile } from 'node:fs/promises';
import { wordsOfLack, type FfmpegPart } from '../../core/node-type/ffmpeg-parts.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { ffmpegBuilds, installedFfmpeg } from '../../testing/frame-taker.ts';
import { mediaPath } from '../../testing/media.ts';
import { createBinaries } from './binaries.ts';
import { createFfmpegParts } from './ffmpeg-parts.ts';

const needed = [...new Set(nodeDefinitions.flatMap(({ needs = [] }) => needs.map(({ part }) => part)))];

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  test('all that nodes need is there, and nothing that does not exist', async () => {
    const parts = createFfmpegParts(createBinaries(settings));
    expect(needed.length).toBeGreaterThan(3);
    expect(await parts.lacking([...needed, 'filter:nonsense', 'encoder:overlay'])).toEqual([
      'filter:nonsense',
      'encoder:overlay',
    ]);
  });
});

test('the build of 2018 has no xfade', async () => {
  const parts = createFfmpegParts(createBinaries({ ffmpegPath: installedFfmpeg }));
  expect(await parts.lacking(['filter:xfade', 'filter:fade'])).toEqual(['filter:xfade']);
});

/** The real program, without some lines of its lists; it counts how often it was asked. */
async function weakFfmpeg(name: string, without: string): Promise<{ path: string; log: string }> {
  const [path, log] = [mediaPath(name), mediaPath(`${name}.log`)];
  await writeFile(path, `#!/bin/sh\necho "$2" >> '${log}'\n'${installedFfmpeg}' "$@" | grep -v ' ${without} '\n`);
  await chmod(path, 0o755);
  return { path, log };
}

test('a build that lacks something is asked once, and again once it is another one', async () => {
  const { path, log } = await weakFfmpeg('weak', 'ass');
  const parts = createFfmpegParts(createBinaries({ ffmpegPath: path }));
  const lists = async () =>
    (await import('node:fs/promises')).readFile(log, 'utf8').then((text) => text.split('\n').filter(Boolean).length);
  for (let times = 0; times < 3; times += 1) expect(await parts.lacking(needed)).toEqual(['filter:ass']);
  expect(await lists()).toBe(2);
  await utimes(path, 1, 1);
  expect(await parts.lacking(['filter:ass', 'encoder:libx264'])).toEqual(['filter:ass']);
  expect(await lists()).toBe(4);
});

test('without any ffmpeg everything is lacking', async () => {
  const parts = createFfmpegParts(createBinaries({ ffmpegPath: mediaPath('missing') }));
  expect(await parts.lacking(needed)).toEqual(needed);
});

test('words say what cannot be done', () => {
  const needs = [
    { part: 'filter:ass', to: 'burn subtitles in' },
    { part: 'encoder:libx264', to: 'encode video' },
  ] as const;
  const lacking = (...parts: FfmpegPart[]) => wordsOfLack(needs, new Set(parts));
  expect(lacking('filter:other')).toBeNull();
  expect(lacking('filter:ass')).toBe('The ffmpeg of this server cannot burn subtitles in: it lacks the filter ass.');
  expect(lacking('filter:ass', 'encoder:libx264')).toBe(
    'The ffmpeg of this server cannot burn subtitles in, or encode video: it lacks the filter ass and the encoder libx264.',
  );
});
