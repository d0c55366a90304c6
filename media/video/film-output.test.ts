import { expect, test } from '@jest/globals';
import { pictureOptions } from './film-output.ts';

test('the encoder keeps fewer pictures the larger they are, and all it wants of usual ones', () => {
  const kept = (width: number, height: number) => {
    const options = pictureOptions('30', { width, height });
    const at = options.indexOf('-x264-params');
    return at < 0 ? null : options[at + 1]!.split(':')[0];
  };
  expect(kept(1_920, 1_080)).toBeNull();
  expect(kept(2_560, 1_600)).toBeNull();
  expect(kept(3_840, 2_160)).toBe('rc-lookahead=2');
  expect(kept(2_160, 4_096)).toBe('rc-lookahead=2');
  expect(kept(4_096, 4_096)).toBe('rc-lookahead=0');
});
