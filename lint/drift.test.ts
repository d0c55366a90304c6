import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../testing/processes.ts';
import { importRules } from './import-rules.ts';
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
