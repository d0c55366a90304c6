import { expect, test } from '@jest/globals';
import { draftPartsOf, withChangeAt, withNewButton, withNewField } from './parts.ts';

test('parts are what is an object in the list, whatever the data holds', () => {
  expect(draftPartsOf({ buttons: [{ id: 'a' }, null, 'x'] }, 'buttons')).toEqual([{ id: 'a' }]);
  expect(draftPartsOf({ buttons: 'none' }, 'buttons')).toEqual([]);
});

test('a new part has a name that is free', () => {
  expect(withNewButton([{ id: 'button2' }]).at(-1)).toEqual({ id: 'button3', label: '' });
  expect(withNewField([]).at(-1)).toEqual({ name: 'field1', type: 'text' });
});

test('a change touches the part at its place alone, and takes out what is undefined', () => {
  const parts = [{ name: 'a', required: true }, { name: 'b' }];
  expect(withChangeAt(parts, 0, { name: 'c', required: undefined })).toEqual([{ name: 'c' }, { name: 'b' }]);
});
