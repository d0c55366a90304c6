import { expect, test } from '@jest/globals';
import { filesIn } from './folder-files.ts';

const file = (name: string) =>
  ({
    name,
    isFile: true,
    isDirectory: false,
    file: (done: (file: File) => void) => done(new File(['x'], name)),
  }) as never;
const broken = (name: string) =>
  ({ name, isFile: true, isDirectory: false, file: (_: unknown, fail: () => void) => fail() }) as never;
/** Gives what is in it in batches of two, as browsers do in batches of a hundred. */
const folder = (name: string, ...inside: { name: string }[]) =>
  ({
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      let at = 0;
      return { readEntries: (done: (batch: unknown[]) => void) => done(inside.slice(at, (at += 2))) };
    },
  }) as never;

const namesIn = async (...entries: FileSystemEntry[]) => (await filesIn(entries)).map(({ name }) => name);

test('files in folders are found however deep, in the order of their names, without those of the system', async () => {
  const names = await namesIn(
    file('z.png'),
    folder(
      'shoot',
      file('10.png'),
      file('2.png'),
      file('.DS_Store'),
      folder('b', file('3.png')),
      file('Thumbs.db'),
      broken('a.png'),
    ),
  );
  expect(names).toEqual(['z.png', '2.png', '10.png', '3.png']);
});

test('no more than two thousand are read', async () => {
  const many = Array.from({ length: 1_500 }, (_, index) => file(`${index}.png`));
  expect(await namesIn(folder('a', ...many), folder('b', ...many), folder('c', ...many))).toHaveLength(2_000);
});
