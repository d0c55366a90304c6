import { importRules } from './import-rules.ts';

/** What stands before and after the table in CONTRIBUTING.md. */
export const tableStart = '<!-- imports: made by npm run lint:rules -->';
export const tableEnd = '<!-- /imports -->';

/** The table of who may import whom, in Markdown. */
export function contributingTable(): string {
  const rows = importRules.map(({ name, mayImport }) => {
    const folders = mayImport.filter((folder) => folder !== 'nodes' || !name.startsWith('nodes/'));
    return [`\`${name}\``, folders.length === 0 ? 'nothing' : folders.map((folder) => `\`${folder}\``).join(', ')];
  });
  return ['| folder | may import |', '| --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}
