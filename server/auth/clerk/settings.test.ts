import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createFakeClerk } from '../../../testing/clerk.ts';
import { readConfig } from '../../config.ts';

const clerk = createFakeClerk();
const base = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', ...clerk.env };
const problemsOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('CLERK_JWT_KEY', () => {
  const pem = clerk.publicPem;
  test.each([
    ['with real line ends', pem],
    ['with line ends written as \\n', pem.replaceAll('\n', '\\n')],
    ['with blanks instead of line ends', pem.replaceAll('\n', ' ')],
    ['in one piece', pem.replaceAll('\n', '')],
    ['with quotes around it', `"${pem.replaceAll('\n', '\\n')}"`],
    ['without its first and last line', pem.split('\n').slice(1, -2).join('\n')],
    ['with the line ends of Windows', pem.replaceAll('\n', '\r\n')],
  ])('is read %s', (_how, key) => {
    expect(readConfig({ ...base, CLERK_JWT_KEY: key }).clerk?.jwtKey).toBe(pem);
  });

  test.each([
    ['no key', 'abc'],
    [
      'a private key',
      generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
    ],
    ['a key of another kind', generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' })],
    ['a secret key of Clerk', 'sk_test_abc'],
  ])('that is %s is refused, and is not repeated', (_what, key) => {
    const problems = problemsOf({ ...base, CLERK_JWT_KEY: String(key) });
    expect(problems).toContain('CLERK_JWT_KEY is no RSA public key');
    expect(problems).not.toContain(String(key).slice(0, 30));
  });
});

test('every problem is told at once, with those of the other settings', () => {
  const problems = problemsOf({ AUTH_MODE: 'clerk', HOST: '0.0.0.0', PORT: 'abc', CLERK_WEBHOOK_SECRET: 'hunter2' });
  for (const name of [
    'CLERK_PUBLISHABLE_KEY is not set',
    'CLERK_SECRET_KEY is not set',
    'CLERK_JWT_KEY is not set',
    'CLERK_WEBHOOK_SECRET is no signing secret',
    'PUBLIC_URL is not set',
    'PORT',
    'DATABASE_URL is not set',
  ]) {
    expect(problems).toContain(name);
  }
  expect(problems).not.toContain('hunter2');
});

test('empty keys count as missing, and keys of the wrong kind are told', () => {
  const problems = problemsOf({ ...base, CLERK_PUBLISHABLE_KEY: 'sk_test_abc', CLERK_SECRET_KEY: 'pk_test_abc' });
  expect(problems).toContain('CLERK_PUBLISHABLE_KEY is no publishable key');
  expect(problems).toContain('CLERK_SECRET_KEY is no secret key');
  expect(problemsOf({ ...base, CLERK_SECRET_KEY: ' ' })).toContain('CLERK_SECRET_KEY is not set');
});

test('the issuer follows from the publishable key, and what it was given wins', () => {
  expect(readConfig(base).clerk).toMatchObject({ issuer: clerk.issuer, frontendApi: clerk.issuer });
  const CLERK_ISSUER = 'https://login.example/';
  expect(readConfig({ ...base, CLERK_ISSUER }).clerk?.issuer).toBe('https://login.example');
});

test('without AUTH_MODE=clerk none of it is looked at', () => {
  const env = { DATABASE_URL: base.DATABASE_URL, CLERK_JWT_KEY: 'abc', CLERK_SECRET_KEY: 'x' };
  expect(readConfig(env).clerk).toBeNull();
});
