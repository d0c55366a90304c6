import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Notice } from '../../core/events/notice.ts';
import { createKnownCredentials, type KnownCredentials } from './known-credentials.ts';
import type { Credentials, Principal } from './principal.ts';

let now: number;
let known: KnownCredentials;
/** Tokens by what the provider is asked, in order. */
let asked: string[];
/** What the provider answers next; taken when it is asked. */
let answer: (token: string) => Promise<Principal | null>;
let tell: { readonly notice: (notice: Notice) => void; readonly missed: () => void };

const tokenOf = ({ bearer, cookies }: Credentials) => bearer ?? cookies.get('session') ?? null;
const bearer = (token: string): Credentials => ({ bearer: token, cookies: new Map() });
const cookie = (token: string): Credentials => ({ bearer: null, cookies: new Map([['session', token]]) });
const principal = (userId: string, role: Principal['role'] = 'member'): Principal => ({
  userId,
  email: `${userId}@example.org`,
  firstName: null,
  lastName: null,
  role,
  hasPassword: true,
  kind: 'person',
  memberships: new Map(),
  via: 'session',
  credentialId: `of ${userId}`,
  scopes: ['read'],
  expiresAt: null,
});

beforeEach(() => {
  now = 0;
  asked = [];
  answer = async (token) => principal(token);
  known = createKnownCredentials({
    auth: {
      credentialOf: tokenOf,
      authenticate: async (credentials) => {
        const token = tokenOf(credentials) ?? '';
        asked.push(token);
        return answer(token);
      },
    },
    notices: {
      subscribe: (notice, missed = () => {}) => {
        tell = { notice, missed };
        return () => {};
      },
    },
    now: () => now,
  });
});
afterEach(() => known.stop());

test('the provider is asked once a second for a credential, however many requests come with it', async () => {
  const answers = await Promise.all(Array.from({ length: 64 }, () => known.authenticate(bearer('ann'))));
  expect(new Set(answers.map((found) => found?.userId))).toEqual(new Set(['ann']));
  now = 999;
  await known.authenticate(bearer('ann'));
  expect(asked).toEqual(['ann']);
  now = 1_000;
  await known.authenticate(bearer('ann'));
  expect(asked).toEqual(['ann', 'ann']);
});

test('a wrong credential is asked about each time, and so is one whose answer failed', async () => {
  answer = async () => null;
  expect(await known.authenticate(bearer('wrong'))).toBeNull();
  answer = async () => Promise.reject(new Error('the database is away'));
  await expect(known.authenticate(bearer('wrong'))).rejects.toThrow('away');
  answer = async (token) => principal(token);
  expect(await known.authenticate(bearer('wrong'))).toMatchObject({ userId: 'wrong' });
  expect(asked).toHaveLength(3);
});

test('the same secret in a header and in a cookie are two credentials', async () => {
  await known.authenticate(bearer('ann'));
  answer = async () => null;
  expect(await known.authenticate(cookie('ann'))).toBeNull();
});

test.each([
  ['a change that is made here', () => known.forget('ann')],
  ['a notice of it', () => tell.notice({ kind: 'access', userId: 'ann' })],
  ['notices that may have been missed', () => tell.missed()],
])('%s counts for the next request', async (_what, change) => {
  await known.authenticate(bearer('ann'));
  answer = async (token) => principal(token, 'viewer');
  change();
  expect(await known.authenticate(bearer('ann'))).toMatchObject({ role: 'viewer' });
});

test('what is known of others stays', async () => {
  await known.authenticate(bearer('ann'));
  known.forget('ben');
  tell.notice({ kind: 'access', userId: 'ben' });
  await known.authenticate(bearer('ann'));
  expect(asked).toEqual(['ann']);
});

test('an answer from before a change, which comes after it, is given to who asked before and to nobody else', async () => {
  let say: (found: Principal | null) => void = () => {};
  answer = () => new Promise((resolve) => (say = resolve));
  const early = known.authenticate(bearer('ann'));
  known.forget('ann');
  const sayEarly = say;
  answer = async () => null;
  expect(await known.authenticate(bearer('ann'))).toBeNull();
  sayEarly(principal('ann'));
  expect(await early).toMatchObject({ userId: 'ann' });
  expect(await known.authenticate(bearer('ann'))).toBeNull();
});
