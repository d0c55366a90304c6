import { describe, expect, test } from '@jest/globals';
import { colorBands } from './color-bands.ts';
import { decoderOptions, encoderOptions } from './encoder-memory.ts';
import type { VideoInfo } from './video-info.ts';

const sdr = { matrix: 'bt709', range: 'tv', primaries: 'bt709', transfer: 'bt709', pixelFormat: 'yuv420p' };
const deep = { ...sdr, pixelFormat: 'yuv420p10le' };
const hdr = { ...deep, matrix: 'bt2020nc', primaries: 'bt2020', transfer: 'smpte2084' };

function film(width: number, height: number, color: typeof sdr = sdr, codec = 'h264') {
  return { info: { width, height, color: { ...color, codec, height } } as VideoInfo };
}

/** What the encoder keeps: as much as it wants, two pictures to look ahead, or the least. */
function kept(made: ReturnType<typeof film>, ...read: ReturnType<typeof film>[]): 'all' | 'few' | 'least' {
  const options = encoderOptions(made.info, read);
  if (!options.includes('-x264-params')) return 'all';
  return options.includes('-crf') ? 'few' : 'least';
}

describe('the encoder keeps fewer pictures', () => {
  test.each<[ReturnType<typeof kept>, number, number]>([
    ['all', 1_920, 1_080],
    ['all', 2_560, 1_600],
    ['few', 3_840, 2_160],
    ['few', 2_160, 4_096],
    ['least', 4_096, 4_096],
  ])('%s of them at %i × %i', (expected, width, height) => {
    const same = film(width, height);
    expect(kept(same, same)).toBe(expected);
  });

  test.each<[ReturnType<typeof kept>, ReturnType<typeof film>]>([
    ['all', film(1_920, 1_080, hdr)],
    ['few', film(2_560, 1_600, hdr)],
    ['least', film(3_840, 2_160, deep)],
    ['least', film(3_840, 2_160, hdr)],
    ['few', film(2_560, 1_600, { ...sdr, pixelFormat: 'yuv444p' })],
  ])('%s where what is read takes more: %j', (expected, same) => {
    expect(kept(same, same)).toBe(expected);
  });

  test('where large pictures become small ones, and where many videos are read at once', () => {
    const small = film(1_920, 1_080);
    expect(kept(small, film(3_840, 2_160))).toBe('all');
    expect(kept(small, film(3_840, 2_160, hdr))).toBe('few');
    expect(kept(small, ...Array.from({ length: 4 }, () => small))).toBe('all');
    expect(kept(small, ...Array.from({ length: 12 }, () => small))).toBe('few');
  });

  test('where nothing is read as well', () => {
    expect(kept(film(1_920, 1_080))).toBe('all');
    expect(kept(film(3_840, 2_160))).toBe('few');
    expect(kept(film(4_096, 4_096))).toBe('least');
  });
});

test('large pictures are read one at a time', () => {
  expect(decoderOptions(film(3_840, 2_160))).toEqual([]);
  expect(decoderOptions(film(4_096, 4_096))).toEqual(['-thread_type', 'slice']);
  expect(decoderOptions(film(1_920, 1_080, sdr, 'av1'))).toEqual([]);
  expect(decoderOptions(film(3_840, 2_160, deep, 'av1'))).toEqual(['-flags', '+low_delay']);
});

test.each<[number, number, number, typeof sdr]>([
  [15, 3_840, 2_160, hdr],
  [15, 4_096, 2_160, hdr],
  [16, 4_096, 4_096, hdr],
  [9, 2_560, 1_656, hdr],
  [1, 1_920, 1_080, hdr],
  [1, 3_840, 2_162, hdr],
  [1, 3_840, 2_160, sdr],
])('HDR is mapped in %i bands at %i × %i, as many as have whole patterns', (bands, width, height, color) => {
  const { info } = film(width, height, color);
  expect(colorBands({ ...info, flatHeight: height })).toBe(bands);
  expect(colorBands({ ...info, flatHeight: height + 2 })).toBe(1);
});
