import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

const here = new URL('./', import.meta.url);

test('each duty stands in one list, and is done alone by a test', async () => {
  const paths = (await readdir(here, { recursive: true })).filter((path) => path.endsWith('.ts'));
  const tests = [
    ...paths.filter((path) => path.endsWith('.test.ts')).map((path) => new URL(path, here)),
    new URL('../../db/runs/rest.test.ts', here),
  ];
  const texts = await Promise.all(tests.map((path) => readFile(path, 'utf8')));
  const sources = await Promise.all(
    paths.filter((path) => !path.endsWith('.test.ts')).map((path) => readFile(new URL(path, here), 'utf8')),
  );
  // Also one that a function makes: `export const trimEntries = trimEntriesTo(mostEntries)`.
  const declared = /^export const (\w+)(?:: Duty<| = \w+To\()/gm;
  const duties = sources.flatMap((text) => [...text.matchAll(declared)].map(([, name]) => name!));
  expect(duties.length).toBeGreaterThan(30);
  const lists = sources.flatMap((text) => [...text.matchAll(/(?:: readonly Duty<\w+>\[\] =|duties:) \[([^\]]+)\]/g)]);
  const listed = lists.flatMap(([, names]) => names!.match(/\w+/g) ?? []);
  expect(listed.toSorted()).toEqual(duties.toSorted());
  expect(duties.filter((name) => !texts.some((text) => new RegExp(`doDuty\\(${name}(To\\(|,)`).test(text)))).toEqual(
    [],
  );
});
