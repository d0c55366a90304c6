import { describe, expect, test } from '@jest/globals';
import { maxPasswordLength, passwordWeakness } from './password.ts';

describe('a password that anybody would guess', () => {
  test.each([
    ['is too short', 'Xk4!pq7'],
    ['is too long', 'ab1!'.repeat(maxPasswordLength)],
    ['is on every list', 'qwertyuiop'],
    ['is on every list, in capitals', 'PassWord'],
    ['is on every list, with a number behind it', 'password2024'],
    ['is on every list, with a sign behind it', 'changeme!!'],
    ['is what installers leave', 'ChangeMe'],
    ['is one sign over and over', 'aaaaaaaaaaaa'],
    ['is one piece over and over', 'a1ba1ba1ba1b'],
    ['is a sequence', '12345678'],
    ['is a sequence backwards', '87654321'],
    ['is the alphabet', 'abcdefgh'],
    ['is the e-mail address', 'grace.hopper@example.com'],
    ['is the name in the e-mail address', 'grace.hopper99'],
  ])('because it %s is refused with the reason', (_why, password) => {
    const weakness = passwordWeakness(password, 'Grace.Hopper@example.com');
    expect(weakness).toMatch(/^(?:Use|This password)/);
    expect(weakness).not.toContain(password);
  });
});

test.each(['correct horse battery', 'Tr0ub4dor&3', 'ein ganz langer Satz', '密码很长很安全吧对吗', 'x9$kQ2!vLw'])(
  'the password %s passes, whatever kinds of signs it has',
  (password) => {
    expect(passwordWeakness(password, 'grace@example.com')).toBeNull();
  },
);
