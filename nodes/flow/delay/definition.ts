import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** One hour: the default limit of a whole run. */
const maxDelayMs = 3_600_000;

/**
 * Waits up to an hour. Not deterministic, because the wait is its work: only a run
 * that asks for the cache reuses it.
 */
export const delayNode = defineNode({
  type: 'delay',
  version: 1,
  title: 'Delay',
  description: 'Waits, then passes its inputs on.',
  category: 'flow',
  keywords: ['wait', 'pause', 'sleep', 'timer'],
  icon: 'timer',
  inputs: [{ id: 'input', title: 'Input', dataType: 'any', many: true, carries: true }],
  outputs: [{ id: 'output', title: 'Output', dataType: 'any' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    ms: z
      .number()
      .int()
      .min(0)
      .max(maxDelayMs)
      .default(0)
      .meta({ title: 'Wait', description: 'How long to wait, in milliseconds', control: 'number', unit: 'ms' }),
  }),
  defaults: { label: 'Delay', ms: 1000 },
  mainField: 'ms',
  costClass: () => 'io',
  isDeterministic: () => false,
  // The wait itself plus a minute for a busy machine.
  timeoutMs: ({ ms }) => ms + 60_000,
});
