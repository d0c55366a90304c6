import { expect, test } from '@jest/globals';
import { typescriptOf } from './typescript.ts';

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

test('a workflow is told as a module of types', () => {
  const text = typescriptOf({
    slug: '3d-shot',
    name: 'Shot */ of\na thing',
    version: 7,
    inputs: object(
      {
        topic: { type: 'string', title: 'Topic', description: 'What it is about.' },
        count: { type: 'integer', title: 'count', default: 3 },
        size: { type: 'string', enum: ['s', 'l'], title: 'size' },
        photo: { type: 'string', control: 'file', dataType: 'image', title: 'photo' },
        photos: { type: 'array', dataType: 'list<image>', items: { type: 'string', dataType: 'image' } },
        extra: {
          type: 'object',
          properties: { 'a b': { type: ['number', 'null'] }, exact: object({ on: { const: true } }, ['on']) },
          required: ['a b'],
        },
        any: {},
      },
      ['topic'],
    ),
    outputs: object({ copy: { type: 'string', title: 'The copy' }, made: { type: 'object', dataType: 'video' } }),
  });
  expect(text).toBe(`import type { FileInput, FileReference } from '@heddle/client';

/** Shot *\\/ of a thing: version 7 of "3d-shot". Made by \`heddle types 3d-shot\`. */
export interface Workflow3dShot {
  readonly inputs: {
    /** What it is about. */
    readonly topic: string;
    /** Default: 3. */
    readonly count?: number;
    readonly size?: "s" | "l";
    readonly photo?: FileInput;
    readonly photos?: ReadonlyArray<FileInput>;
    readonly extra?: {
      readonly "a b": number | null;
      readonly exact?: {
        readonly on: true;
      };
      readonly [name: string]: unknown;
    };
    readonly any?: unknown;
  };
  readonly outputs: {
    /** The copy. */
    readonly copy: string;
    readonly made: FileReference;
  };
}
`);
});

test('a workflow without inputs takes an empty object', () => {
  const text = typescriptOf({ slug: 'a', name: 'A', version: 1, inputs: object({}), outputs: object({}) });
  expect(text).toContain('readonly inputs: Readonly<Record<string, never>>;');
  expect(text).not.toContain('import');
});
