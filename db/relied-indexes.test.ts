import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../testing/processes.ts';

/** What stands after "Relies on" in the comments of a source, one text for each. */
function relied(source: string): string[] {
  return [...source.matchAll(/Relies\s+on\s+([\s\S]*?)(?=\*\/|\n\s*\*\s*\n|\n\s*\*\s*(?:@|[A-Z][a-z]+ {2,}))/g)].map(
    (match) => (match[1] ?? '').replaceAll(/\s*\n\s*\*\s*/g, ' '),
  );
}

/** Indexes by name, and the columns with which the indexes and keys of each table begin. */
function indexesOf(schema: string): { names: Set<string>; columns: string[] } {
  const created = [
    ...schema.matchAll(/CREATE (?:UNIQUE )?INDEX (\w+) ON (\w+) USING \w+ \(([^;]*?)\)(?: WHERE| WITH|;)/g),
  ];
  const keys = [...schema.matchAll(/create table (\w+) \(([\s\S]*?)\n\);/gi)].flatMap(([, table, body]) =>
    [...(body ?? '').matchAll(/(?:PRIMARY KEY|UNIQUE) \(([^)]*)\)/g)].map((match) => [table, table, match[1]] as const),
  );
  const plain = (columns = '') => columns.replaceAll(/ (?:DESC|ASC)/g, '');
  return {
    names: new Set(created.map((match) => match[1] ?? '')),
    columns: [
      ...created.map((match) => `${match[2]} (${plain(match[3])}`),
      ...keys.map((match) => `${match[1]} (${plain(match[2])}`),
    ],
  };
}

test('every index that a statement says it relies on exists', async () => {
  const { names, columns } = indexesOf(await readFile(join(projectRoot, 'migrations', 'schema.sql'), 'utf8'));
  expect(names.size).toBeGreaterThan(10);
  const files = (await readdir(join(projectRoot, 'db'), { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const missing: string[] = [];
  let named = 0;
  for (const file of files) {
    for (const text of relied(await readFile(join(projectRoot, 'db', file), 'utf8'))) {
      // A table with columns, as in `node_executions (run_id, node_id)`.
      const withColumns = [...text.matchAll(/\b([a-z]+(?:_[a-z0-9]+)*) \(([a-z_, ]+)\)/g)];
      for (const [, table, list] of withColumns) {
        named += 1;
        if (!columns.some((index) => index.startsWith(`${table} (${list}`)))
          missing.push(`${file}: ${table} (${list})`);
      }
      const rest = withColumns.reduce((left, [whole]) => left.replace(whole, ''), text);
      for (const [name] of rest.matchAll(/\b[a-z]+(?:_[a-z0-9]+)+\b/g)) {
        named += 1;
        if (!names.has(name)) missing.push(`${file}: ${name}`);
      }
    }
  }
  expect(missing).toEqual([]);
  expect(named).toBeGreaterThan(15);
});
