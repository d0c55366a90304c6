import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');

/** Told by whoever builds an image, not chosen by an operator; and the file itself. */
const notChosen = new Set(['HEDDLE_VERSION', 'HEDDLE_REVISION', 'HEDDLE_CREATED', 'HEDDLE_ENV_FILE']);

test('.env.example names every setting that the compose file reads, with the same standard value', () => {
  const example = read('.env.example');
  const used = [...read('docker-compose.yml').matchAll(/\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g)];
  expect(used.length).toBeGreaterThan(60);
  const problems = new Set<string>();
  for (const [, name = '', standard = ''] of used) {
    if (notChosen.has(name)) continue;
    const line = new RegExp(`^# ${name}=(\\S*)`, 'm').exec(example);
    if (line === null) problems.add(`${name} is missing`);
    // Where a name of the example is a made-up one, the standard is told in words.
    else if (line[1] !== '' && !line[1]!.includes('example') && standard !== '' && line[1] !== standard) {
      problems.add(`${name} is ${line[1]} in the example and ${standard} in the compose file`);
    }
  }
  expect([...problems]).toEqual([]);
});
