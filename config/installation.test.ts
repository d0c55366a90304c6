import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError } from './environment.ts';
import { count, installationOf, installationSecrets, installationShape, parseEnvironment } from './installation.ts';

const schema = z.object({ ...installationShape, PORT: count(0, 65_535, 3_000) });
const database = 'postgres://user:hunter2@db:5432/heddle';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseEnvironment(schema, env, installationSecrets);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the environment', () => {
  test('needs a database only', () => {
    expect(parseEnvironment(schema, { DATABASE_URL: database }, installationSecrets)).toMatchObject({
      DATABASE_URL: database,
      PORT: 3_000,
      REDIS_PREFIX: '{heddle}',
    });
    expect(problemsOf({})).toEqual(['DATABASE_URL is not set.']);
  });

  test('is reported with all problems at once, by name', () => {
    const problems = problemsOf({ DATABASE_URL: 'mysql://user:hunter2@db', PORT: 'abc', LOG_LEVEL: 'loud' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(
      expect.arrayContaining(['DATABASE_URL', 'PORT', 'LOG_LEVEL']),
    );
    expect(problems.find((problem) => problem.startsWith('PORT'))).toBe('PORT must be a number.');
  });

  test('names what models cost', () => {
    const parse = (prices: string) =>
      parseEnvironment(schema, { DATABASE_URL: database, MODEL_PRICES: prices }, installationSecrets).MODEL_PRICES;
    expect(parse('llama-9=0.2/0.6, openai/gpt-9=1/4, sora-2=0/0/0.1, flux=0/0/0/0.03')).toEqual({
      'llama-9': { input: 0.2, output: 0.6 },
      'openai/gpt-9': { input: 1, output: 4 },
      'sora-2': { input: 0, output: 0, second: 0.1 },
      flux: { input: 0, output: 0, image: 0.03 },
    });
    expect(problemsOf({ DATABASE_URL: database, MODEL_PRICES: 'llama-9=cheap' })).toEqual([
      'MODEL_PRICES must look like llama-9=0.2/0.6, openai/gpt-9=1/4.',
    ]);
  });

  test('never shows a value in a problem', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://user:hunter2@db', REDIS_URL: 'hunter2' }).join(' ')).not.toMatch(
      /hunter2/,
    );
  });

  test('takes the nodes of a Redis Cluster with a prefix that keeps the queue on one of them', () => {
    const env = {
      DATABASE_URL: database,
      REDIS_URL: 'redis://redis-1:6379',
      REDIS_CLUSTER_NODES: 'redis-2:6379, [::1]:6380',
    };
    expect(parseEnvironment(schema, env, installationSecrets)).toMatchObject({
      REDIS_CLUSTER_NODES: ['redis-2:6379', '[::1]:6380'],
    });
    expect(problemsOf({ ...env, REDIS_CLUSTER_NODES: 'redis-2' })).toEqual([
      'REDIS_CLUSTER_NODES must look like redis-2:6379,redis-3:6379.',
    ]);
    const installation = (prefix: string) =>
      installationOf(parseEnvironment(schema, { ...env, REDIS_PREFIX: prefix }, installationSecrets));
    expect(installation('app{heddle}').redisPrefix).toBe('app{heddle}');
    expect(() => installation('heddle')).toThrow('REDIS_PREFIX must hold a part in braces');
  });

  test('takes a certificate in one line', () => {
    const env = { DATABASE_URL: database, REDIS_CA: '-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----' };
    expect(parseEnvironment(schema, env, installationSecrets).REDIS_CA).toBe(
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    );
    expect(problemsOf({ ...env, REDIS_CA: 'MIIB' })).toEqual(['REDIS_CA must look like a certificate as PEM.']);
  });

  test('counts an empty variable as not set', () => {
    expect(problemsOf({ DATABASE_URL: '' })).toEqual(['DATABASE_URL is not set.']);
  });

  test.each(installationSecrets)('takes %s from a file; an empty file counts as not set', (name) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'heddle-config-'));
    try {
      const file = path.join(folder, 'secret');
      writeFileSync(file, '\n');
      const rest: Record<string, string> = name === 'DATABASE_URL' ? {} : { DATABASE_URL: database };
      expect(problemsOf({ ...rest, [`${name}_FILE`]: file })).toEqual(
        name === 'DATABASE_URL' ? ['DATABASE_URL is not set.'] : [],
      );
      const value = name.startsWith('DATABASE')
        ? database
        : name === 'REDIS_URL'
          ? 'redis://cache:6379'
          : name === 'REDIS_CA'
            ? '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
            : 'file:///a/folder/of/sufficient/length';
      writeFileSync(file, `${value}\n`);
      const parsed = parseEnvironment(schema, { ...rest, [`${name}_FILE`]: file }, installationSecrets);
      expect(parsed[name]).toBe(value);
      expect(problemsOf({ ...rest, [name]: value, [`${name}_FILE`]: file })).toEqual([
        `${name} and ${name}_FILE are both set; keep one of them.`,
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
