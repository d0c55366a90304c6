import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(import.meta.dirname, 'setup.mjs');

describe('the setup of a compose installation', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'heddle-setup-'));
    for (const place of ['heddle', 'postgres', 'redis', 's3', 'grafana']) mkdirSync(join(root, place));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function setUp(env: Record<string, string> = {}) {
    const ended = spawnSync(process.execPath, [program], { env: { SECRETS_DIR: root, ...env }, encoding: 'utf8' });
    return { code: ended.status, output: ended.stdout + ended.stderr };
  }

  const secret = (file: string) => readFileSync(join(root, file), 'utf8');
  const allSecrets = () =>
    readdirSync(root).flatMap((place) => readdirSync(join(root, place)).map((name) => secret(join(place, name))));

  test('generates what is missing, long and each its own, and fits the addresses to it', () => {
    expect(setUp().code).toBe(0);
    const passwords = ['postgres/password', 'redis/password', 'heddle/bootstrap-password', 'grafana/password'].map(
      secret,
    );
    for (const password of passwords) expect(password).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(passwords).size).toBe(passwords.length);
    expect(new URL(secret('heddle/database-url')).password).toBe(secret('postgres/password'));
    expect(new URL(secret('heddle/redis-url')).password).toBe(secret('redis/password'));
    expect(secret('redis/redis.conf')).toBe(`requirepass ${secret('redis/password')}\n`);
  });

  test('keeps what is there at every later start', () => {
    setUp();
    const before = allSecrets();
    expect(setUp().code).toBe(0);
    expect(allSecrets()).toEqual(before);
  });

  test('prints no secret', () => {
    const { output } = setUp({ GEMINI_API_KEY: 'the-key-of-a-model', BOOTSTRAP_PASSWORD: 'correct horse battery' });
    for (const value of allSecrets().filter((text) => text !== '')) expect(output).not.toContain(value.trim());
  });

  test('takes over what the operator chose, and forgets what is not chosen any more', () => {
    const chosen = {
      DATABASE_URL: 'postgres://app:d8Hq-27xKw@db.example.lan:5432/heddle',
      BOOTSTRAP_PASSWORD: 'correct horse battery',
      GEMINI_API_KEY: 'the-key-of-a-model',
      CLERK_SECRET_KEY: 'sk_test_of-somebody',
      CLERK_JWT_KEY: '-----BEGIN PUBLIC KEY-----\\nMIIB\\n-----END PUBLIC KEY-----',
      CLERK_WEBHOOK_SECRET: 'whsec_of-somebody',
    };
    expect(setUp(chosen).code).toBe(0);
    expect(secret('heddle/database-url')).toBe(chosen.DATABASE_URL);
    expect(secret('heddle/bootstrap-password')).toBe(chosen.BOOTSTRAP_PASSWORD);
    expect(secret('heddle/gemini-api-key')).toBe(chosen.GEMINI_API_KEY);
    expect(secret('heddle/clerk-secret-key')).toBe(chosen.CLERK_SECRET_KEY);
    expect(secret('heddle/clerk-jwt-key')).toBe(chosen.CLERK_JWT_KEY);
    expect(secret('heddle/clerk-webhook-secret')).toBe(chosen.CLERK_WEBHOOK_SECRET);
    expect(setUp().code).toBe(0);
    expect(secret('heddle/gemini-api-key')).toBe('');
    expect(secret('heddle/database-url')).toContain('@postgres:5432/heddle');
  });

  test.each(['password', 'Change-Me-123', 'heddle2026', 'admin', '123456789012', 'aaaaaaaaaaaa', 'short1'])(
    'refuses "%s" for the owner',
    (password) => {
      const { code, output } = setUp({ BOOTSTRAP_PASSWORD: password });
      expect(code).toBe(1);
      expect(output).toMatch(/BOOTSTRAP_PASSWORD (?:is one that everybody tries first|must have at least)/);
    },
  );

  test.each(['DATABASE_URL', 'REDIS_URL'])('refuses a well-known password in %s', (variable) => {
    const url = variable === 'DATABASE_URL' ? 'postgres://app:postgres@db/heddle' : 'redis://:redis@cache:6379';
    const { code, output } = setUp({ [variable]: url });
    expect(code).toBe(1);
    expect(output).toContain(`The password in ${variable} is one that everybody tries first`);
  });

  test('lets nobody but its own user read the secrets of Heddle, or write any', () => {
    setUp();
    expect(statSync(join(root, 'heddle', 'database-url')).mode & 0o777).toBe(0o400);
    expect(statSync(join(root, 'postgres', 'password')).mode & 0o222).toBe(0);
  });
});
