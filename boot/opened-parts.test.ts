import { expect, test } from '@jest/globals';
import { recordingLogger } from '../testing/engine.ts';
import { createOpenedParts } from './opened-parts.ts';

test('parts are closed in the opposite order, once, and one that does not close keeps no other open', async () => {
  const [closed, logger] = [[] as string[], recordingLogger()];
  const parts = createOpenedParts(logger);
  parts.add(async () => void closed.push('first'));
  parts.add(() => Promise.reject(new Error('stuck')));
  parts.add(async () => void closed.push('last'));
  await parts.closeAll();
  await parts.closeAll();
  expect(closed).toEqual(['last', 'first']);
  expect(logger.lines).toMatchObject([{ level: 'warn', message: 'a part did not stop cleanly' }]);
});
