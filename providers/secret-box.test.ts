import { describe, expect, test } from '@jest/globals';
import { createSecretBox, keyBinding } from './secret-box.ts';

const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];
const binding = keyBinding({ userId: 'ada', provider: 'openai', baseUrl: 'https://api.example/v1' });

describe('a sealed secret', () => {
  const sealed = createSecretBox(first).seal('sk-secret', binding);

  test('opens with its key, for what it was sealed for', () => {
    expect(createSecretBox(first).open(sealed, binding)).toBe('sk-secret');
    expect(sealed.includes('sk-secret')).toBe(false);
    expect(createSecretBox(first).seal('sk-secret', binding).equals(sealed)).toBe(false);
  });

  test.each([
    { userId: 'bob', provider: 'openai', baseUrl: 'https://api.example/v1' },
    { userId: 'ada', provider: 'gemini', baseUrl: 'https://api.example/v1' },
    { userId: 'ada', provider: 'openai', baseUrl: 'https://evil.example/v1' },
    { userId: 'ada', provider: 'openai', baseUrl: 'http://api.example/v1' },
    { userId: 'ada', provider: 'openai', baseUrl: null },
  ])('does not open for %j', (other) => {
    expect(createSecretBox(first).open(sealed, keyBinding(other))).toBeNull();
  });

  test('does not open when a bit of it was changed, cut off or added', () => {
    const box = createSecretBox(first);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = changed[at]! ^ 1;
      expect(box.open(changed, binding)).toBeNull();
    }
    expect(box.open(sealed.subarray(0, 20), binding)).toBeNull();
    expect(box.open(Buffer.alloc(0), binding)).toBeNull();
  });

  test('opens with the old key beside a new one, and then counts as not current', () => {
    const rotated = createSecretBox(second, first);
    expect(rotated.open(sealed, binding)).toBe('sk-secret');
    expect(rotated.isCurrent(sealed)).toBe(false);
    expect(rotated.isCurrent(rotated.seal('x', binding))).toBe(true);
    expect(createSecretBox(second).open(sealed, binding)).toBeNull();
  });
});

describe('a derived secret', () => {
  const hex = (box: ReturnType<typeof createSecretBox>, use: string) =>
    box.derive(use).map((bytes) => bytes.toString('hex'));

  test('follows from the key and its use: the same each time, another one for each', () => {
    const [one] = hex(createSecretBox(first), 'link 1');
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(hex(createSecretBox(first), 'link 1')).toEqual([one]);
    expect(hex(createSecretBox(first), 'link 2')).not.toEqual([one]);
  });

  test('of the old key comes after that of the present one', () => {
    const [of, after] = [hex(createSecretBox(first), 'link'), hex(createSecretBox(second), 'link')];
    expect(hex(createSecretBox(second, first), 'link')).toEqual([...after, ...of]);
  });
});
