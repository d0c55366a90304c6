import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../testing/processes.ts';
import { importRules } from './import-rules.ts';
import { serverFloors } from './server-floors.ts';
import { madeFiles } from './write-rules.ts';

test('what the linter is told and what CONTRIBUTING.md says are made of the table (npm run lint:rules)', async () => {
  const made = await madeFiles(projectRoot);
  expect([...made.keys()]).toEqual(['.oxlintrc.json', 'CONTRIBUTING.md']);
  for (const [path, text] of made) expect(await readFile(join(projectRoot, path), 'utf8')).toBe(text);
});

test('the table has a row for each folder with code but those that may import everything', async () => {
  const { references } = JSON.parse(await readFile(join(projectRoot, 'tsconfig.json'), 'utf8')) as {
    references: { path: string }[];
  };
  const projects = references.map(({ path }) => path.split('/')[0] ?? '').filter((path) => path !== 'bench');
  const ruled = importRules.flatMap(({ files }) => files.map((file) => file.split('/')[0] ?? ''));
  expect(projects.filter((folder) => !ruled.includes(folder))).toEqual([]);
});

test('each folder of server/ is a floor, and stands on floors that stand before it in the table', async () => {
  const entries = await readdir(join(projectRoot, 'server'), { recursive: true });
  const code = entries.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  const folders = new Set(code.filter((path) => path.includes('/')).map((path) => path.split('/')[0] ?? ''));
  const floors = serverFloors.map(({ folder }) => folder);
  expect([...folders].toSorted()).toEqual(floors.toSorted());
  // Further down the rules do not look.
  expect(code.filter((path) => path.split('/').length > 3)).toEqual([]);
  for (const [at, { standsOn }] of serverFloors.entries()) {
    expect(standsOn.filter((folder) => !floors.slice(0, at).includes(folder))).toEqual([]);
  }
});
