import { readFile } from 'node:fs/promises';
import { scryptSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { createHashThreads } from './hash-threads.ts';
import { createHashingTurns, type Asker } from './hashing-turns.ts';

const stranger = (network: string, account = 'somebody'): Asker => ({ network, account, isKnown: false });
const known = (account: string): Asker => ({ network: 'anywhere', account, isKnown: true });
const goesOn = new AbortController().signal;

/** Turns whose work ends when the test says so, and the order in which work began. */
function begin(options: { places: number; maxWaitMs?: number } = { places: 2 }) {
  const turns = createHashingTurns(options);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (name: string, asker: Asker, signal = goesOn) =>
    turns.take(asker, signal, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  /** Ends what began first, and lets what follows begin. */
  const endOne = async () => {
    ends.shift()?.();
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  };
  const settle = async () => {
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  };
  return { ask, begun, endOne, settle };
}

test('security case 8: networks take turns, so that a flood from one delays itself', async () => {
  const { ask, begun, endOne, settle } = begin();
  const all = [
    ask('flood 1', stranger('a')),
    ask('flood 2', stranger('a')),
    ask('flood 3', stranger('a')),
    ask('other', stranger('b')),
  ];
  await settle();
  for (let i = 0; i < 4; i += 1) await endOne();
  // The other one waits for a round, not for the flood.
  expect(begun.indexOf('other')).toBeLessThan(begun.indexOf('flood 3'));
  expect(begun).toHaveLength(4);
  await Promise.all(all);
});

test('security case 8: somebody who is known begins at once while strangers wait, and one place stays theirs', async () => {
  const { ask, begun, endOne, settle } = begin();
  const strangers = ['a', 'b', 'c'].map((network) => ask(network, stranger(network)));
  await settle();
  expect(begun).toEqual(['a']);
  const own = ask('owner', known('owner'));
  await settle();
  expect(begun).toEqual(['a', 'owner']);
  for (let i = 0; i < 4; i += 1) await endOne();
  expect(begun).toEqual(['a', 'owner', 'b', 'c']);
  await Promise.all([...strangers, own]);
});

test('security case 8: one network, and one account, has only so many waiting; the rest is refused at once', async () => {
  const { ask, endOne, settle } = begin();
  const refused: string[] = [];
  const asked = [
    ...Array.from({ length: 9 }, (_, i) => stranger('a', `${i}`)),
    ...Array.from({ length: 9 }, () => known('k')),
  ].map((asker) => ask('x', asker).catch((error: { code: string }) => refused.push(error.code)));
  await settle();
  expect(refused.length).toBeGreaterThanOrEqual(7);
  expect(new Set(refused)).toEqual(new Set(['RATE_LIMITED']));
  for (let i = 0; i < 18; i += 1) await endOne();
  await Promise.all(asked);
});

test('security case 8: nobody waits for ever, and who has gone waits no more', async () => {
  const { ask, endOne, begun } = begin({ places: 2, maxWaitMs: 5 });
  const first = ask('first', stranger('a'));
  await expect(ask('late', stranger('b'))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  const gone = new AbortController();
  const left = ask('left', stranger('c'), gone.signal);
  gone.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  await endOne();
  await first;
  expect(begun).toEqual(['first']);
});

test('security case 8: hashing keeps no file waiting', async () => {
  const threads = createHashThreads();
  try {
    const ended: string[] = [];
    const options = { N: 2 ** 14, r: 8, p: 1, maxmem: 2 ** 26 };
    const hashes = Array.from({ length: 6 }, (_, i) =>
      threads.derive(`password ${i}`, Buffer.from('salt'), 32, options).then((key) => {
        ended.push('hash');
        return Buffer.from(key).toString('hex');
      }),
    );
    await readFile(fileURLToPath(import.meta.url));
    ended.push('file');
    const keys = await Promise.all(hashes);
    expect(ended[0]).toBe('file');
    expect(keys[3]).toBe(scryptSync('password 3', Buffer.from('salt'), 32, options).toString('hex'));
  } finally {
    await threads.stop();
  }
});
