import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../config.ts';

const base = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
const provider = {
  id: 'company',
  name: 'Company',
  issuer: 'https://login.example',
  clientId: 'heddle',
  clientSecret: 'hunter2hunter2',
};
const problemsOf = (value: unknown, more: Record<string, string> = {}): string => {
  try {
    readConfig({ ...base, OIDC_PROVIDERS: typeof value === 'string' ? value : JSON.stringify(value), ...more });
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

test('a provider has sensible values for what is left out', () => {
  expect(readConfig({ ...base, OIDC_PROVIDERS: JSON.stringify([provider]) }).oidc).toEqual([
    {
      ...provider,
      scopes: ['openid', 'profile', 'email'],
      groupsClaim: 'groups',
      roles: null,
      workspaces: {},
      defaultRole: null,
      trustEmail: false,
      sessionHours: 12,
      recheckMinutes: 5,
    },
  ]);
  expect(readConfig(base).oidc).toEqual([]);
});

describe('what is wrong is told by its place, and no value is repeated', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', '[{', 'OIDC_PROVIDERS is no JSON'],
    [
      'an http address of another machine',
      [{ ...provider, issuer: 'http://login.example' }],
      'at 0.issuer is not usable',
    ],
    ['an address with a query', [{ ...provider, issuer: 'https://login.example?a=1' }], 'at 0.issuer is not usable'],
    ['an id for no address', [{ ...provider, id: 'a b' }], 'at 0.id is not usable'],
    ['an id twice', [provider, provider], 'has an id twice'],
    ['scopes without openid', [{ ...provider, scopes: ['email'] }], 'has scopes without openid'],
    ['a field that is not known', [{ ...provider, roleMap: {} }], 'at 0 is not usable'],
    ['no list', provider, 'OIDC_PROVIDERS is not usable'],
  ])('%s', (_what, value, problem) => {
    expect(problemsOf(value)).toContain(problem);
    expect(problemsOf(value)).not.toContain('hunter2');
  });

  test('others must know the address that people come back to', () => {
    expect(problemsOf([provider], { HOST: '0.0.0.0' })).toContain('PUBLIC_URL is not set');
    expect(problemsOf([provider], { HOST: '0.0.0.0', PUBLIC_URL: 'https://heddle.example' })).toBe('');
  });

  test('it does not go with Clerk', () => {
    expect(problemsOf([provider], { AUTH_MODE: 'clerk' })).toContain('goes with AUTH_MODE=local alone');
  });
});
