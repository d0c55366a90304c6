import { expect, test } from '@jest/globals';
import { describeEach, settled } from './settled.ts';

test('all have ended before the first failure in their order is thrown', async () => {
  const ended: string[] = [];
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const late = gate.then(() => {
    ended.push('late');
    throw new Error('late');
  });
  const early = Promise.reject(new Error('early')).finally(() => ended.push('early'));
  const both = settled([late, early]);
  const seen = expect(both).rejects.toThrow('late');
  await early.catch(() => {});
  goOn();
  await seen;
  expect(ended).toEqual(['early', 'late']);
  expect(await settled([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
});

test('files are looked at two at a time, and told of in their order', async () => {
  let under = 0;
  const most: number[] = [];
  const found = await describeEach([1, 2, 3, 4, 5], async (file) => {
    most.push((under += 1));
    await Promise.resolve();
    under -= 1;
    return file * 10;
  });
  expect(found).toEqual([10, 20, 30, 40, 50]);
  expect(Math.max(...most)).toBe(2);
});
