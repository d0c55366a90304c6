import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../testing/processes.ts';
import { childEnvironment, readCliConfig, secretValues } from './config.ts';

const schemas = ['cli/config.ts', 'server/config.ts', 'worker/config.ts', 'config/installation.ts', 'config/limits.ts'];
/** Not settings of Heddle: the system's own, and one that only `heddle start` sets. */
const foreign = ['PATH', 'XDG_CACHE_HOME', 'EMBEDDED'];

test('.env.example names every setting that a process reads', async () => {
  const example = await readFile(join(projectRoot, '.env.example'), 'utf8');
  const texts = await Promise.all(schemas.map((path) => readFile(join(projectRoot, path), 'utf8')));
  const read = texts.flatMap((text) => [...text.matchAll(/^ {2,4}([A-Z][A-Z_]+):/gm)].map((match) => match[1] ?? ''));
  expect(read.length).toBeGreaterThan(40);
  const missing = [...new Set(read)].filter((name) => !foreign.includes(name) && !example.includes(`# ${name}=`));
  expect(missing).toEqual([]);
});

test('an empty variable counts as not set, and paths are taken from the working directory', () => {
  const config = readCliConfig({ PORT: '', DATABASE_URL: '', DATA_DIR: 'data' }, '/srv/heddle');
  expect(config).toMatchObject({ port: null, databaseUrl: null, dataDir: '/srv/heddle/data', host: '127.0.0.1' });
  expect(config.assetsUrl).toBe('file:///srv/heddle/data/assets');
});

test('children get what was decided for them instead of what was given, also by file', () => {
  const given = { DATABASE_URL_FILE: '/run/secrets/db', GEMINI_API_KEY: 'key', LOG_LEVEL: '' };
  expect(childEnvironment(given, { DATABASE_URL: 'postgres://own' })).toEqual({
    NODE_ENV: 'production',
    GEMINI_API_KEY: 'key',
    DATABASE_URL: 'postgres://own',
  });
});

test('keys, passwords and tokens are known as secrets by their names', () => {
  const env = { GEMINI_API_KEY: 'a', BOOTSTRAP_PASSWORD: 'b', CLERK_SECRET_KEY: 'c', LOG_LEVEL: 'info' };
  expect(secretValues(env)).toEqual(['a', 'b', 'c']);
});
