import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../testing/processes.ts';

/** How many attacks docs/security.md answers. */
const count = 30;

test('every row of the table of attacks names tests, and each of them has titles with the number of the row', async () => {
  const text = await readFile(join(projectRoot, 'docs', 'security.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\d+) +\|[^|]+\|[^|]+\|([^|]+)\|$/gm)];
  expect(rows.map((row) => Number(row[1]))).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  const missing: string[] = [];
  for (const [, number = '', cell = ''] of rows) {
    const files = [...cell.matchAll(/\(\.\.\/([^)]+\.test\.ts)\)/g)].map((match) => match[1] ?? '');
    if (files.length === 0) missing.push(`row ${number} names no test`);
    for (const file of files) {
      const source = await readFile(join(projectRoot, file), 'utf8');
      if (!new RegExp(`attack ${number}\\b`).test(source)) missing.push(`${file} has no "attack ${number}"`);
    }
  }
  expect(missing).toEqual([]);
});
