import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { HookAuth } from '../../../core/api/webhooks.ts';
import { verifyDelivery } from './verify-delivery.ts';

type Headers = Readonly<Record<string, string>>;

/** Verifies as the server does; headers by their names in lower case. */
function verify(
  auth: HookAuth,
  secrets: readonly string[],
  headers: Headers,
  body: string | Buffer,
  now: number | Date,
) {
  const header = (name: string) => headers[name.toLowerCase()] ?? null;
  const time = typeof now === 'number' ? new Date(now * 1_000) : now;
  return verifyDelivery(auth, secrets, { header, body: Buffer.from(body) }, time);
}

const hmac = (preset: 'plain' | 'github' | 'stripe' | 'slack' | 'standard'): HookAuth => ({
  type: 'hmac',
  preset,
  header: 'X-Signature-256',
});

/** Signed with `secret`, each as its service publishes it or, where it publishes none, by the rules that it does. */
interface Vector {
  readonly preset: 'github' | 'stripe' | 'slack' | 'standard';
  readonly secret: string;
  readonly headers: Headers;
  readonly body: string;
  /** When it was signed, in seconds; 0: it does not say. */
  readonly at: number;
}

const slackBody =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
  '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
  '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

const stripeBody = '{"id":"evt_test","object":"event"}';
const stripeSecret = 'whsec_test_secret';
const stripeDigest = (secret: string, at: number) =>
  createHmac('sha256', secret).update(`${at}.${stripeBody}`).digest('hex');

const vectors: readonly Vector[] = [
  {
    // docs.github.com, "Validating webhook deliveries", testing the webhook payload validation
    preset: 'github',
    secret: "It's a Secret to Everybody",
    headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    body: 'Hello, World!',
    at: 0,
  },
  {
    // standardwebhooks.com, the reference libraries
    preset: 'standard',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    at: 1_614_265_330,
  },
  {
    // api.slack.com, "Verifying requests from Slack"
    preset: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: slackBody,
    at: 1_531_420_618,
  },
  {
    // docs.stripe.com, "Verify webhook signatures manually": the digest of "t.body", beside one of the old scheme
    preset: 'stripe',
    secret: stripeSecret,
    headers: {
      'stripe-signature': `t=1492774577,v1=${stripeDigest(stripeSecret, 1_492_774_577)},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39`,
    },
    body: stripeBody,
    at: 1_492_774_577,
  },
];

describe.each(vectors)('$preset', ({ preset, secret, headers, body, at }) => {
  const auth = hmac(preset);

  test('takes what was signed with the secret, or with the one before while it is replaced', () => {
    expect(verify(auth, [secret], headers, body, at)).toBeNull();
    expect(verify(auth, ['another secret', secret], headers, body, at)).toBeNull();
    expect(verify(auth, ['another secret'], headers, body, at)).toMatch(/does not fit/);
  });

  test('refuses a body, and each header, that differs by one byte', () => {
    const bytes = Buffer.from(body);
    for (const place of [0, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[place]! ^= 1;
      expect(verify(auth, [secret], headers, changed, at)).toMatch(/does not fit/);
    }
    expect(verify(auth, [secret], headers, `${body} `, at)).toMatch(/does not fit/);
    for (const [name, value] of Object.entries(headers)) {
      const digit = value.search(/\d/);
      const changed = value.slice(0, digit) + ((Number(value[digit]) + 1) % 10) + value.slice(digit + 1);
      expect(verify(auth, [secret], { ...headers, [name]: changed }, body, at)).not.toBeNull();
      const { [name]: _left, ...others } = headers;
      expect(verify(auth, [secret], others, body, at)).toMatch(/missing/);
    }
  });

  test('takes five minutes before and after the time that it says, and no second more', () => {
    if (at === 0) return expect(verify(auth, [secret], headers, body, 2_000_000_000)).toBeNull();
    for (const offset of [-300, 300]) expect(verify(auth, [secret], headers, body, at + offset)).toBeNull();
    expect(verify(auth, [secret], headers, body, at + 301)).toMatch(/301 s old/);
    expect(verify(auth, [secret], headers, body, at - 301)).toMatch(/301 s ahead/);
  });
});

test('several signatures in one header are tried, as senders give them while they change secrets', () => {
  const at = 1_492_774_577;
  const both = `t=${at},v1=${stripeDigest('old', at)},v1=${stripeDigest('new', at)}`;
  for (const secret of ['old', 'new'])
    expect(verify(hmac('stripe'), [secret], { 'stripe-signature': both }, stripeBody, at)).toBeNull();
  const [old, young] = [0, 1].map((byte) => `whsec_${Buffer.alloc(24, byte + 1).toString('base64')}`);
  const time = new Date('2026-11-30T09:00:00Z');
  const signed = [old!, young!].map((secret) => new Webhook(secret).sign('msg_1', time, '{}')).join(' ');
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(time.getTime() / 1_000),
    'webhook-signature': signed,
  };
  for (const secret of [old!, young!]) expect(verify(hmac('standard'), [secret], headers, '{}', time)).toBeNull();
});

describe('without a signature', () => {
  const none = { type: 'none' } as const;
  const header = { type: 'header', header: 'X-Token' } as const;
  const basic = { type: 'basic', username: 'ada' } as const;
  const encoded = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test.each([
    ['none', none, {}, true],
    ['the header', header, { 'x-token': 'a secret' }, true],
    ['the header as a bearer token', header, { 'x-token': 'Bearer a secret' }, true],
    ['another value', header, { 'x-token': 'a secres' }, false],
    ['a longer value', header, { 'x-token': 'a secret ' }, false],
    ['no header', header, {}, false],
    ['name and password', basic, { authorization: encoded('ada:a secret') }, true],
    ['another name', basic, { authorization: encoded('bob:a secret') }, false],
    ['another password', basic, { authorization: encoded('ada:a secreT') }, false],
    ['no name', basic, { authorization: encoded('a secret') }, false],
    ['something else', basic, { authorization: 'Bearer a secret' }, false],
  ] as [string, HookAuth, Headers, boolean][])('%s', (_title, auth, headers, isTaken) => {
    expect(verify(auth, ['a secret'], headers, '', 0) === null).toBe(isTaken);
  });

  test('a plain signature is hex in a header of any name, with or without its algorithm before it', () => {
    const digest = createHmac('sha256', 'key of theirs').update('{}').digest('hex');
    const auth: HookAuth = { type: 'hmac', preset: 'plain', header: 'X-Their-Signature' };
    for (const value of [digest, digest.toUpperCase(), `sha256=${digest}`])
      expect(verify(auth, ['key of theirs'], { 'x-their-signature': value }, '{}', 0)).toBeNull();
    expect(verify(auth, ['key of ours'], { 'x-their-signature': digest }, '{}', 0)).not.toBeNull();
  });
});

test('a secret from before the signature was of another kind leaves no empty key', () => {
  const time = new Date(1_700_000_000_000);
  const digest = createHmac('sha256', '').update('msg_1.1700000000.{}').digest('base64');
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': '1700000000', 'webhook-signature': `v1,${digest}` };
  expect(verify(hmac('standard'), ['!!!!!!!!!!'], headers, '{}', time)).toContain('is not base64');
});
