import { describe, expect, test } from '@jest/globals';
import { recordingLogger } from '../../../testing/engine.ts';
import { togetherOrApart } from './together-or-apart.ts';

const refused = () => Object.assign(new Error('invalid input'), { code: '22021' });

describe('what is done for many rows', () => {
  test('is one call', async () => {
    const calls: (readonly number[])[] = [];
    await togetherOrApart([1, 2, 3], recordingLogger(), async (some) => void calls.push(some));
    expect(calls).toEqual([[1, 2, 3]]);
  });

  test('is nothing where there are none', async () => {
    await togetherOrApart([], recordingLogger(), () => Promise.reject(new Error('called')));
  });

  test('is done for each alone where the database refuses the data of one, which is told', async () => {
    const [calls, logger] = [[] as (readonly number[])[], recordingLogger()];
    await togetherOrApart([1, 2, 3], logger, async (some) => {
      calls.push(some);
      if (some.includes(2)) throw refused();
    });
    expect(calls).toEqual([[1, 2, 3], [1], [2], [3]]);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { refused: 2 } }]);
  });

  test('throws whatever else goes wrong', async () => {
    const away = () => Promise.reject(Object.assign(new Error('away'), { code: '57P01' }));
    await expect(togetherOrApart([1, 2], recordingLogger(), away)).rejects.toThrow('away');
  });
});
