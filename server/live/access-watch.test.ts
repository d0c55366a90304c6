import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { recordingLogger } from '../../testing/engine.ts';
import { createAccessWatch, type AccessWatch } from './access-watch.ts';
import type { LiveSocket } from './live-socket.ts';

let watch: AccessWatch;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  watch = createAccessWatch({
    auth: { authenticate: async () => null } as never,
    notices: { subscribe: () => () => {} },
    logger: recordingLogger(),
    intervalMs: 3_600_000,
    sockets: () => [],
    lookFurther: async () => {},
  });
});
afterEach(() => {
  watch.stop();
  jest.useRealTimers();
});

function connection(expiresAt: Date | null): { socket: LiveSocket; isOpen(): boolean } {
  let isOpen = true;
  const socket = { data: { principal: { expiresAt } }, disconnect: () => (isOpen = false) };
  return { socket: socket as never, isOpen: () => isOpen };
}

test('attack 21: a live connection ends at the very moment at which its credential does, and not before', () => {
  const { socket, isOpen } = connection(new Date(Date.now() + 60_000));
  watch.follow(socket);
  jest.advanceTimersByTime(59_999);
  expect(isOpen()).toBe(true);
  jest.advanceTimersByTime(1);
  expect(isOpen()).toBe(false);
});

test('a credential of many weeks is waited for, although no timer runs that long', () => {
  const weeks = 60 * 86_400_000;
  const { socket, isOpen } = connection(new Date(Date.now() + weeks));
  watch.follow(socket);
  jest.advanceTimersByTime(weeks - 1);
  expect(isOpen()).toBe(true);
  jest.advanceTimersByTime(1);
  expect(isOpen()).toBe(false);
});

test('a credential without an end, and a connection that has ended, are left alone', () => {
  const endless = connection(null);
  watch.follow(endless.socket);
  const ended = connection(new Date(Date.now() + 1_000));
  watch.follow(ended.socket)();
  jest.advanceTimersByTime(10_000_000);
  expect([endless.isOpen(), ended.isOpen()]).toEqual([true, true]);
});
