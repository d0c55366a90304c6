import { expect, test } from '@jest/globals';
import { contractChanges } from './contract-changes.ts';

const contract = (inputs: readonly [string, 'text' | 'image', boolean][], outputs: readonly string[]) => ({
  inputs: inputs.map(([name, dataType, required]) => ({ name, title: name, dataType, required })),
  outputs: outputs.map((name) => ({ name, title: name, dataType: 'text' as const })),
});

test('says what another version takes and gives otherwise', () => {
  const before = contract(
    [
      ['topic', 'text', false],
      ['photo', 'image', true],
      ['tone', 'text', false],
    ],
    ['result', 'draft'],
  );
  const after = contract(
    [
      ['topic', 'text', true],
      ['photo', 'text', true],
      ['size', 'text', true],
    ],
    ['result', 'summary'],
  );
  expect(contractChanges(before, after)).toEqual([
    'The input "topic" is required now.',
    'The input "photo" is text now, and was image.',
    'New input "size", which is required.',
    'The input "tone" is gone.',
    'New result "summary".',
    'The result "draft" is gone.',
  ]);
  expect(contractChanges(before, before)).toEqual([]);
});
