import { expect, test } from '@jest/globals';
import { linkToken } from './link-token.ts';

test.each([
  ['#token=abc', '', 'abc'],
  ['', '?token=abc', 'abc'],
  ['#token=new', '?token=old', 'new'],
  ['', '?next=%2F', null],
  ['#', '', null],
])('the token of a link with hash "%s" and query "%s" is %s', (hash, search, token) => {
  expect(linkToken({ hash, search })).toBe(token);
});
