import { expect, test } from '@jest/globals';
import { nameAfter, wrongName } from './input-name.ts';

test.each([
  ['Product photo', [], 'product_photo'],
  ['Product photo', ['PRODUCT_photo'], 'product_photo_2'],
  ['2. Größe (cm)', [], 'gro_e_cm'],
  ['제품', [], 'input'],
  ['제품', ['input', 'input_2'], 'input_3'],
  ['constructor', [], 'constructor_2'],
  ['x'.repeat(255), ['x'.repeat(60)], `${'x'.repeat(60)}_2`],
])('after %j, among %j, an input is called %s', (title, others, name) => {
  expect(nameAfter(title, others)).toBe(name);
  expect(wrongName(name, others)).toBeUndefined();
});

test('a name that is none, or that another input has in whatever case, is told in words', () => {
  expect(wrongName('two words', [])).toContain('letters, digits and underscores');
  expect(wrongName(undefined, [])).toContain('letters, digits and underscores');
  expect(wrongName('topic', ['count', 'Topic'])).toBe('Another input is called "Topic". Choose another name.');
});
