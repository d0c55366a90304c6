import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { recordingLogger } from '../../testing/engine.ts';
import type { Notice } from '../../core/events/notice.ts';
import { createAccessWatch, type AccessWatch } from './access-watch.ts';
import type { LiveSocket } from './live-socket.ts';

let watch: AccessWatch;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
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

test('connections of one credential are asked about once, and an answer that comes late changes nothing', async () => {
  const answers: ((roles: readonly string[]) => void)[] = [];
  let tell: (notice: Notice) => void = () => {};
  const principal = (workspaces: readonly string[]) => ({
    ...{ userId: 'ada', role: 'member', scopes: ['read'], kind: 'person' },
    memberships: new Map(workspaces.map((id) => [id, 'viewer'])),
  });
  const ended: string[] = [];
  const socketOf = (name: string, token: string, followed: readonly string[]) => ({
    data: {
      principal: principal(['team']),
      credentials: { bearer: token, cookies: new Map() },
      followed: () => new Map(followed.map((id) => [id, id])),
    },
    disconnect: () => ended.push(name),
  });
  const sockets = [socketOf('one', 'a', ['team']), socketOf('two', 'a', []), socketOf('three', 'b', [])];
  const looking = createAccessWatch({
    auth: {
      credentialOf: ({ bearer }: { bearer: string }) => bearer,
      authenticate: () => new Promise((resolve) => answers.push((ids) => resolve(principal(ids)))),
    } as never,
    notices: { subscribe: (listener) => ((tell = listener), () => {}) },
    logger: recordingLogger(),
    intervalMs: 3_600_000,
    sockets: () => sockets as never,
    lookFurther: async () => {},
  });
  tell({ kind: 'access', userId: 'ada' });
  expect(answers).toHaveLength(2);
  tell({ kind: 'access', userId: 'ada' });
  expect(answers).toHaveLength(4);
  // The later look is answered first.
  for (const [index, ids] of [
    [2, []],
    [3, []],
    [0, ['team']],
    [1, ['team']],
  ] as const)
    answers[index]!(ids);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toEqual(['one']);
  expect(sockets.map(({ data }) => data.principal.memberships.size)).toEqual([0, 0, 0]);
  looking.stop();
});

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
