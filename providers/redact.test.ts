import { describe, expect, test } from '@jest/globals';
import { redactExplanation } from './redact.ts';

const hidden = {
  secrets: ['AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY'],
  contents: ['Write a poem about the lighthouse keeper of Brixham, who lost his ring.'],
};

describe('a provider’s explanation', () => {
  test.each([
    ['Quota exceeded.', 'Quota exceeded.'],
    ['The key AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY is bad', 'The key … is bad'],
    ['Incorrect key AIzaSyD-****MBWY', 'Incorrect key …'],
    ['Bad text "a poem about the lighthouse keeper"', 'Bad text "…"'],
    ['See https://example.org/docs?key=1 for more', 'See … for more'],
    [`data ${'iVBORw0KGgo'.repeat(10)}==`, 'data …'],
    ['line\nbreak\u0007 bell', 'line break bell'],
  ])('%j is shown as %j', (text, shown) => {
    expect(redactExplanation(text, hidden)).toBe(shown);
  });

  test('is hidden across line breaks, too', () => {
    expect(redactExplanation('got: Write a poem\n about   the lighthouse keeper', hidden)).toBe('got: …');
  });

  test('security case 1: words of the caller come back the same, whether or not they stand in the key', () => {
    const [key = ''] = hidden.secrets;
    for (const guess of ['AIzaSyD', 'AIzaSyD-9tSr', 'AIzaSyX-none', key]) {
      for (const sent of [{ contents: [guess] }, { contents: [], choices: [guess] }]) {
        const echo = (secret: string) =>
          redactExplanation(`No such thing: "${guess}".`, { secrets: [secret], ...sent });
        expect(echo(key)).toBe(echo('a-key-of-somebody-else'));
      }
    }
  });

  test('security case 1: what the provider repeats of the key stays hidden from somebody who knows its beginning', () => {
    const [key = ''] = hidden.secrets;
    expect(redactExplanation(`The key ${key} is bad`, { ...hidden, contents: ['AIzaSyD-9tS'] })).toBe(
      'The key … is bad',
    );
  });

  test('is cut to 300 characters', () => {
    const shown = redactExplanation('word '.repeat(1_000), hidden) ?? '';
    expect(shown.length).toBeLessThanOrEqual(301);
    expect(shown.endsWith('…')).toBe(true);
  });

  test.each(['', ' ', '\n', 'https://example.org/x'])('is null where nothing is left of %j', (text) => {
    expect(redactExplanation(text, hidden)).toBeNull();
  });

  test('of any length is judged, with prompts of the largest size: comparing each place with each would take hours', () => {
    const contents = ['ab '.repeat(87_000), 'abc'.repeat(87_000)];
    expect(redactExplanation('abd '.repeat(1_000_000), { secrets: [], contents })!.length).toBeLessThanOrEqual(301);
  });
});
