import { describe, expect, test } from '@jest/globals';
import { createAddressRules } from './address-rules.ts';
import { checkUrl, redirectTarget } from './check-url.ts';

const rules = createAddressRules();

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'passed';
}

describe('attack 1: an address that is not public is refused in every notation', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://0.0.0.0/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http:///127.0.0.1',
    'http://127。0。0。1/',
    'http://１２７.0.0.1/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://[::ffff:168.63.129.16]/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
    'http://[fc00::1]/',
    'http://[::127.0.0.1]/',
    'http://[::7f00:1]/',
    'http://[::ffff:0:7f00:1]/',
    'http://[64:ff9b:1::7f00:1]/',
    'http://[100::1]/',
    'http://[2001:db8::1]/',
    'http://192.0.0.1/',
    'http://192.0.2.1/',
    'http://240.0.0.1/',
    'http://[fe80::1]/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://redis:6379/',
    'http://postgres/',
    'http://api.internal/',
    'http://printer.local/',
    'http://router.lan/',
  ])('%s', (address) => {
    expect(codeOf(() => checkUrl(address, rules))).toBe('URL_NOT_ALLOWED');
  });
});

test.each([
  ['file:///etc/passwd', 'URL_SCHEME'],
  ['gopher://example.com/', 'URL_SCHEME'],
  ['ftp://example.com/a.png', 'URL_SCHEME'],
  ['data:image/png;base64,AA==', 'URL_SCHEME'],
  ['javascript:alert(1)', 'URL_SCHEME'],
  ['http://example.com:25/', 'URL_PORT'],
  ['http://93.184.216.34:6379/', 'URL_PORT'],
  ['http://user:pass@example.com/', 'URL_INVALID'],
  ['not an address', 'URL_INVALID'],
  ['', 'URL_INVALID'],
  [`http://example.com/${'a'.repeat(10_000)}`, 'URL_INVALID'],
])('attack 3: %s is refused as %s', (address, code) => {
  expect(codeOf(() => checkUrl(address, rules))).toBe(code);
});

test.each(['http://example.com/a.png', 'https://example.com:443/', 'http://8.8.8.8/', 'https://[2606:4700::1111]/'])(
  '%s passes',
  (address) => {
    expect(checkUrl(address, rules)).toBeInstanceOf(URL);
  },
);

describe("the operator's allow list", () => {
  const opened = createAddressRules({
    allow: ['media.lan:9000', '*.example.lan', '10.1.0.0/16', 'fd00::/8', '192.168.0.9:81'],
  });

  test.each([
    'http://media.lan:9000/',
    'http://a.example.lan:1234/',
    'http://10.1.2.3:8080/',
    'http://[fd12::1]/',
    'http://192.168.0.9:81/',
  ])('opens %s', (address) => {
    expect(checkUrl(address, opened)).toBeInstanceOf(URL);
  });

  test.each([
    'http://media.lan/',
    'http://example.lan/',
    'http://10.2.0.1/',
    'http://192.168.0.9/',
    'http://127.0.0.1/',
  ])('leaves %s closed', (address) => {
    expect(codeOf(() => checkUrl(address, opened))).toBe('URL_NOT_ALLOWED');
  });

  test.each(['http://x', 'a b', 'host:0', 'host:99999', ''])('refuses the entry "%s"', (entry) => {
    expect(() => createAddressRules({ allow: [entry] })).toThrow(/not a host/);
  });
});

describe('attack 2: a redirect', () => {
  const from = new URL('https://example.com/a/b');

  test('is followed relative to where it came from', () => {
    expect(redirectTarget(from, '../c.png', rules).href).toBe('https://example.com/c.png');
    expect(redirectTarget(from, '//example.org/c.png', rules).href).toBe('https://example.org/c.png');
  });

  test.each([
    ['http://example.com/', 'URL_NOT_ALLOWED'],
    ['https://127.0.0.1/', 'URL_NOT_ALLOWED'],
    ['file:///etc/passwd', 'URL_SCHEME'],
    ['https://example.com:22/', 'URL_PORT'],
    ['https://[', 'URL_INVALID'],
  ])('to %s is refused as %s', (location, code) => {
    expect(codeOf(() => redirectTarget(from, location, rules))).toBe(code);
  });
});
