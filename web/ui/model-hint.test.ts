import { expect, test } from '@jest/globals';
import { hintOfModel } from './model-hint.ts';

test.each([
  [{}, 'Price unknown'],
  [{ price: { input: 0.3, output: 2.5 } }, '$0.30 in, $2.50 out per million tokens'],
  [{ price: { input: 0.075, output: 12 } }, '$0.075 in, $12.00 out per million tokens'],
  [{ price: { input: 0, output: 0, second: 0.4 } }, '$0.40 per second'],
  [{ price: { input: 0.3, output: 0, image: 0.039 } }, '$0.039 per image'],
  [{ price: { input: 0, output: 0 } }, 'No charge'],
  [{ lacks: ['audio' as const, 'video' as const] }, 'Price unknown · cannot take audio, video'],
])('%j', (known, words) => expect(hintOfModel(known)).toBe(words));
