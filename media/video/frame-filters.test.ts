import { expect, test } from '@jest/globals';
import { frameFilters, framePlan, turnFilters } from './frame-filters.ts';
import { planColors } from './video-colors.ts';
import type { VideoInfo } from './video-info.ts';

const color = {
  ...{ matrix: 'bt2020nc', range: 'tv', primaries: 'bt2020', transfer: 'smpte2084' },
  ...{ pixelFormat: 'yuv420p10le', codec: 'hevc', height: 4_096 },
};
const turn = { isTransposed: true, flipsX: true, flipsY: false };
const info = { width: 4_096, height: 4_096, flatWidth: 4_096, flatHeight: 4_096, turn, color } as VideoInfo;

test('a picture in bands is turned once it is whole', () => {
  const plan = (bands: number) => framePlan(info, planColors(color), { bands });
  const [whole, cut] = [1, 16].map((bands) => frameFilters({ number: 0 }, plan(bands), 'table.cube').split(','));
  expect(cut!.indexOf('untile=1x16')).toBe(cut!.indexOf('showinfo') + 1);
  expect(cut!.filter((filter) => filter.startsWith('scale='))).toEqual([expect.stringContaining('h=256:')]);
  expect(cut!.at(-1)).toBe('setpts=N');
  expect(turnFilters(turn)).toBe('transpose=dir=cclock_flip,hflip,setsar=1');
  expect(whole!.join(',')).toContain(turnFilters(turn));
  expect(cut!.filter((filter) => /transpose|flip/.test(filter))).toEqual([]);
});
