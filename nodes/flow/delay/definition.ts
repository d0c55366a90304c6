import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** A year. Time in which nothing but waits is left does not count against the limit of a run. */
const maxDelayMs = 365 * 24 * 3_600_000;

/** A delay that is longer becomes a wait: it holds no worker, and outlives each one. */
export const longestHeldMs = 5_000;

/**
 * Waits up to a year. Not deterministic, because the wait is its work: only a run
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
  outputs: [{ id: 'output', title: 'Output', dataType: 'any', follows: { input: 'input', as: 'alone' } }],
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
  // The wait itself, where a worker holds it, plus a minute for a busy machine.
  timeoutMs: ({ ms }) => Math.min(ms, longestHeldMs) + 60_000,
});
