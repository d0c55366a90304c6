import { describe, expect, test } from '@jest/globals';
import { createScrubber, findKeys, withoutKeys } from './scrub.ts';

const scrubber = createScrubber(['top"secret\\value', 'plain-secret-1', 'a-longer-secret-1', 'short']);

describe('a scrubber', () => {
  test.each([
    ['a known secret', 'says plain-secret-1!', 'says [secret]!'],
    ['one inside JSON', JSON.stringify({ a: 'top"secret\\value' }), '{"a":"[secret]"}'],
    ['one inside an address', `/a?q=${encodeURIComponent('top"secret\\value')}`, '/a?q=[secret]'],
    ['one of our keys', `key hdl_${'a'.repeat(43)} used`, 'key [secret] used'],
    ['a key of Google', `AIza${'B'.repeat(35)}`, '[secret]'],
    ['a key of OpenAI', `sk-proj-${'c'.repeat(30)}`, '[secret]'],
    ['a key of Groq', `gsk_${'d'.repeat(52)}`, '[secret]'],
    ['a key of xAI', `xai-${'e'.repeat(80)}`, '[secret]'],
    ['a token of Hugging Face', `hf_${'f'.repeat(34)}`, '[secret]'],
    ['a bearer token', 'authorization: Bearer abcdefghijklmnop==', 'authorization: Bearer [secret]'],
    ['a password in an address', 'postgres://heddle:hunter2@db:5432/x', 'postgres://[secret]@db:5432/x'],
    [
      'a token in a query',
      'GET https://a.example/b?x=1&access_token=abc#d',
      'GET https://a.example/b?x=1&access_token=[secret]#d',
    ],
    ['a key in a query', 'https://a.example/?key=abc&alt=sse', 'https://a.example/?key=[secret]&alt=sse'],
  ])('takes out %s', (_what, text, clean) => {
    expect(scrubber.text(text)).toBe(clean);
  });

  test.each(['a short word', 'https://a.example/b?page=2', 'sk-ip the line', 'Bearer of news'])(
    'leaves "%s"',
    (text) => {
      expect(scrubber.text(text)).toBe(text);
    },
  );

  test('hides what it learns later, and forgets only the oldest of very many', () => {
    const learning = createScrubber(['the-first-secret']);
    for (let i = 0; i < 1_000; i += 1) learning.add(`own-key-${i}-`);
    expect(learning.text('own-key-999- own-key-0-')).toBe('[secret] [secret]');
    expect(learning.text('the-first-secret')).toBe('the-first-secret');
  });
});

test('what goes back to a caller loses what has the form of a key, whoever it belongs to, and nothing else', () => {
  expect(withoutKeys(`plain-secret-1 hdl_${'a'.repeat(43)}`)).toBe('plain-secret-1 [secret]');
});

test('keys are found by their form', () => {
  expect(findKeys(`use AIza${'B'.repeat(35)} here`)).toEqual([`AIza${'B'.repeat(35)}`]);
  expect(findKeys('nothing here')).toEqual([]);
});
