import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { contributingTable, tableEnd, tableStart } from './contributing-table.ts';
import { oxlintConfig } from './oxlint-config.ts';

/** The files that are made of the table, as they should be: path from the folder of the project, and content. */
export async function madeFiles(projectRoot: string): Promise<ReadonlyMap<string, string>> {
  const contributing = await readFile(join(projectRoot, 'CONTRIBUTING.md'), 'utf8');
  const [before, rest] = contributing.split(tableStart);
  const after = rest?.split(tableEnd)[1];
  if (before === undefined || after === undefined) throw new Error('CONTRIBUTING.md has lost the marks of its table.');
  const made: [string, string][] = [
    ['.oxlintrc.json', JSON.stringify(oxlintConfig())],
    ['CONTRIBUTING.md', `${before}${tableStart}\n\n${contributingTable()}\n\n${tableEnd}${after}`],
  ];
  const formatted = new Map<string, string>();
  for (const [path, text] of made) {
    const filepath = join(projectRoot, path);
    formatted.set(path, await format(text, { ...(await resolveConfig(filepath)), filepath }));
  }
  return formatted;
}
