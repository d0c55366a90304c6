import { describe, expect, test } from '@jest/globals';
import { ffmpegBuilds } from '../testing/frame-taker.ts';
import { makeSound, mediaPath } from '../testing/media.ts';
import { createFfmpeg } from './ffmpeg.ts';
import { audioSubject } from './subjects.ts';
import { createBinaries } from './video/binaries.ts';
import type { WriteRequest } from './write-request.ts';

const { signal } = new AbortController();

describe.each(ffmpegBuilds)('with the ffmpeg %s', (name, settings) => {
  const ffmpeg = createFfmpeg({ binaries: createBinaries(settings) });
  const write = async (change: Partial<WriteRequest>) =>
    ffmpeg.write({
      inputs: [{ file: await makeSound('wav', 20), subject: audioSubject }],
      options: ['-c:a', 'pcm_s16le', '-f', 'wav'],
      output: mediaPath(`written-${name.length}`),
      maxBytes: 10_000_000,
      length: null,
      signal,
      ...change,
    });

  test('a filter and an encoder that it lacks are named, with what to do', async () => {
    const advice =
      'which the ffmpeg of this server does not have. Install a current ffmpeg, or set FFMPEG_PATH to one.';
    await expect(
      write({ filters: '[0:0]nosuchfilter[out]', options: ['-map', '[out]', '-f', 'wav'] }),
    ).rejects.toMatchObject({
      code: 'MEDIA_TOOL_MISSING',
      message: `This needs the filter "nosuchfilter", ${advice}`,
    });
    await expect(write({ options: ['-c:a', 'nosuchencoder', '-f', 'wav'] })).rejects.toMatchObject({
      code: 'MEDIA_TOOL_MISSING',
      message: `This needs the encoder "nosuchencoder", ${advice}`,
    });
  });

  test('what becomes too large is an error, and is not written to its end', async () => {
    await expect(write({ maxBytes: 100_000 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  });
});
