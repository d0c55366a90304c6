import { importRules } from './import-rules.ts';
import { serverFloors } from './server-floors.ts';

/** What stands before and after the table in CONTRIBUTING.md. */
export const tableStart = '<!-- imports: made by npm run lint:rules -->';
/** The line after the table. */
export const tableEnd = '<!-- /imports -->';

/** The tables of who may import whom, in Markdown: of the folders, and of the floors inside server/. */
export function contributingTable(): string {
  const folders = importRules.filter(({ name }) => !name.startsWith('server/'));
  const rows = folders.map(({ name, mayImport }) => {
    const others = mayImport.filter((folder) => folder !== 'nodes' || !name.startsWith('nodes/'));
    return [code(name), listed(others)];
  });
  const floors = serverFloors.map(({ folder, standsOn }) => [code(`server/${folder}`), listed(standsOn)]);
  return [
    tableOf(['folder', 'may import'], rows),
    'Inside `server` there are floors; none looks up, nor to the files that put them together:',
    tableOf(['floor', 'may import of `server`'], floors),
  ].join('\n\n');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.map(code).join(', ');
}

function code(name: string): string {
  return `\`${name}\``;
}
