import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../testing/processes.ts';

test('docs/limits.md says of each table who bounds it', async () => {
  const [schema, docs] = await Promise.all(
    [join('migrations', 'schema.sql'), join('docs', 'limits.md')].map((file) =>
      readFile(join(projectRoot, file), 'utf8'),
    ),
  );
  const tables = [...schema!.matchAll(/^create table (\w+) \(/gm)].map(([, name]) => name!);
  expect(tables.length).toBeGreaterThan(20);
  const list = docs!.slice(docs!.indexOf('## Who bounds each table'));
  const said = [...list.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, names]) => names!.replaceAll('`', '').split(', '));
  expect(said.toSorted()).toEqual(tables.toSorted());
});
