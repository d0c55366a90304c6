import { z } from 'zod';
import type { DataType } from '../../../core/data-types/table.ts';
import { defineNode } from '../../../core/node-type/definition.ts';
import { handlesOfCode } from './handles.ts';

/** More than anybody keeps apart. */
const maxNames = 20;

/** Types that a value of code can have; files are passed through by reference. */
export const codeTypes = [
  'any',
  'text',
  'number',
  'boolean',
  'json',
  'image',
  'video',
  'audio',
  'file',
] as const satisfies readonly DataType[];

/** Words that no variable can be called, and those that the node itself uses. */
const reserved = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield eval arguments undefined console error'.split(
    ' ',
  ),
);

const nameSchema = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Use letters, digits and _, beginning with a letter')
  .refine((name) => !reserved.has(name), 'This word is taken. Use another name');

const valueSchema = z.object({
  /** Edges name it, so it stays when the value is renamed. */
  id: z.string().min(1).max(64),
  name: nameSchema,
  type: z.enum(codeTypes).default('any'),
});
/** An input or an output of the code. */
export type CodeValue = z.output<typeof valueSchema>;

function values(what: string, taken: readonly string[]) {
  return z
    .array(valueSchema)
    .max(maxNames, `A code node has at most ${maxNames} ${what}`)
    .superRefine((list, context) => {
      const [ids, names] = [new Set<string>(taken), new Set<string>()];
      for (const [index, { id, name }] of list.entries()) {
        if (ids.has(id))
          context.addIssue({
            code: 'custom',
            path: [index, 'id'],
            message: `The id "${id}" is taken. Choose another one`,
          });
        if (names.has(name))
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: `Two ${what} are called "${name}". Rename one`,
          });
        ids.add(id);
        names.add(name);
      }
    });
}

const codeSchema = z.object({
  label: z.string().max(255).optional(),
  inputs: values('inputs', [])
    .default([{ id: 'value', name: 'value', type: 'any' }])
    .meta({ title: 'Inputs', control: 'json' }),
  code: z
    .string()
    .max(100_000)
    .default('')
    .meta({ title: 'Code', control: 'textarea', placeholder: 'return { output: value }' }),
  outputs: values('outputs', ['console', 'error'])
    .default([{ id: 'output', name: 'output', type: 'any' }])
    .meta({ title: 'Outputs', control: 'json' }),
  timeLimit: z
    .number()
    .min(0.1)
    .max(60)
    .default(5)
    .meta({ title: 'Time limit', control: 'number', unit: 's', place: 'inspector' }),
});
/** The data of a `code` node. */
export type CodeConfig = z.output<typeof codeSchema>;

const start = {
  inputs: [{ id: 'value', name: 'value', type: 'any' }],
  outputs: [{ id: 'output', name: 'output', type: 'any' }],
} satisfies Pick<CodeConfig, 'inputs' | 'outputs'>;

/** JavaScript of the user, in a machine without network, files, clock and chance: so it is deterministic. */
export const codeNode = defineNode({
  type: 'code',
  version: 1,
  title: 'Code',
  description: 'Runs JavaScript on its inputs, without network or files.',
  category: 'connect',
  keywords: [
    'javascript',
    'js',
    'script',
    'function',
    'program',
    'math',
    'calculate',
    'formula',
    'sort',
    'filter',
    'transform',
    'map',
  ],
  icon: 'code',
  ...handlesOfCode(start),
  handles: handlesOfCode,
  configSchema: codeSchema,
  defaults: { label: 'Code', ...start, code: 'return { output: value };' },
  mainField: 'code',
  look: { height: 558 },
  costClass: () => 'io',
  isDeterministic: () => true,
  check: ({ code, outputs }) => [
    ...(code.trim() === '' ? [{ field: 'code', message: 'There is no code yet. Write some.' }] : []),
    ...(outputs.length === 0 ? [{ field: 'outputs', message: 'There is no output. Add one.' }] : []),
  ],
});
