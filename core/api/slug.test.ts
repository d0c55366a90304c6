import { expect, test } from '@jest/globals';
import { slugOfName } from './slug.ts';
import { slugSchema } from './versions.ts';

test.each([
  ['Summarize a text', 'summarize-a-text'],
  ['  Crème brûlée!  (v2) ', 'creme-brulee-v2'],
  ['Ωμέγα', 'workflow'],
  ['---', 'workflow'],
  [`${'a'.repeat(47)} b`, 'a'.repeat(47)],
])('the name %j makes the slug %s', (name, slug) => {
  expect(slugOfName(name)).toBe(slug);
  expect(slugSchema.parse(slug)).toBe(slug);
});

test.each(['', 'A', 'a b', '-a', 'a-', 'a--b', 'ä', 'a/b', 'x'.repeat(65)])('%j is no slug', (slug) => {
  expect(slugSchema.safeParse(slug).success).toBe(false);
});
