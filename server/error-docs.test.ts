import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { errorCatalogue } from '../core/errors/codes.ts';
import { projectRoot } from '../testing/processes.ts';

test('docs/errors.md has one line for each error code, with its status, in the order of the catalogue', async () => {
  const text = await readFile(path.join(projectRoot, 'docs', 'errors.md'), 'utf8');
  const documented = [...text.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\| (.+?) +\|$/gm)];
  expect(documented.map(([, code, status]) => [code, Number(status)])).toEqual(Object.entries(errorCatalogue));
  for (const [, code, , meaning = ''] of documented) {
    expect({ code, hasMeaning: meaning.split(' ').length >= 4 }).toEqual({ code, hasMeaning: true });
  }
});
