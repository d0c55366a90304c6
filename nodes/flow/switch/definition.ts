import { z } from 'zod';
import { defineNode, type OutputHandle } from '../../../core/node-type/definition.ts';
import { conditionFields, conditionProblem, conditionWords } from '../if/condition.ts';

/** More paths than anybody can follow on a canvas. */
const maxCases = 50;
/** Outputs that every switch, or every node, has. */
const taken = ['else', 'error'];

const caseSchema = z.object({
  /** Edges name it, so it stays when the case is renamed. */
  id: z.string().min(1).max(255),
  label: z.string().max(255).default(''),
  ...conditionFields,
});
/** One case: an id that edges name, a label (default empty) and a condition. */
export type SwitchCase = z.output<typeof caseSchema>;

const casesSchema = z
  .array(caseSchema)
  .max(maxCases, `A switch has at most ${maxCases} cases`)
  .superRefine((cases, context) => {
    const seen = new Set(taken);
    for (const [index, { id }] of cases.entries()) {
      if (seen.has(id)) {
        const message = taken.includes(id)
          ? `The id "${id}" is that of another output. Choose another one`
          : `Two cases have the id "${id}". Give each case an id of its own`;
        context.addIssue({ code: 'custom', path: [index, 'id'], message });
      }
      seen.add(id);
    }
  });

/** A list stays one, whichever case it goes through. */
const follows = { input: 'value', as: 'same' } as const;

const elseOutput: OutputHandle = { id: 'else', title: 'Else', dataType: 'any', follows };

/** What a case is called: its label, else its condition. */
export function nameOfCase(one: SwitchCase): string {
  return one.label.trim() === '' ? conditionWords(one) : one.label;
}

/** Passes its value on at the first case that holds, else at `else`; the branches at the others are not taken. */
export const switchNode = defineNode({
  type: 'switch',
  version: 1,
  title: 'Switch',
  description: 'Sends the value down the first path whose condition is true.',
  category: 'flow',
  keywords: ['route', 'branch', 'cases', 'choose', 'decide'],
  icon: 'git-branch',
  inputs: [{ id: 'value', title: 'Value', dataType: 'any', required: true }],
  outputs: [elseOutput],
  handles: ({ cases }) => ({
    inputs: [{ id: 'value', title: 'Value', dataType: 'any', required: true }],
    outputs: [
      ...cases.map((one): OutputHandle => ({ id: one.id, title: nameOfCase(one), dataType: 'any', follows })),
      elseOutput,
    ],
  }),
  configSchema: z.object({
    label: z.string().max(255).optional(),
    cases: casesSchema.default([]).meta({ title: 'Cases', control: 'json' }),
  }),
  defaults: {
    label: 'Switch',
    cases: [{ id: 'case1', label: '', operator: 'contains', operand: '' }],
  },
  look: { height: 268, showsOutput: true },
  branches: true,
  costClass: () => 'inline',
  isDeterministic: () => true,
  check: ({ cases }) =>
    cases.flatMap((one, index) => {
      const problem = conditionProblem(one);
      if (problem === null) return [];
      return [{ field: `cases.${index}.${problem.field}`, message: `Case ${index + 1}: ${problem.message}` }];
    }),
});
