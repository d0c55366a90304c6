import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';

/** Whatever was parsed as JSON; there is nothing more to check. */
const jsonSchema = z.unknown().transform((value) => value as JsonValue);

/** No inputs; puts out its data unchanged. Inline: completed on the spot, without a job. */
export const jsonNode = defineNode({
  type: 'json',
  version: 1,
  title: 'JSON',
  description: 'Data as JSON: an object, a list or a single value.',
  category: 'input',
  keywords: ['data', 'object', 'array', 'settings', 'structure'],
  icon: 'braces',
  inputs: [],
  outputs: [{ id: 'output', title: 'JSON', dataType: 'json' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    value: jsonSchema.default({}).meta({ title: 'JSON', control: 'json' }),
  }),
  defaults: { label: 'JSON', value: {} },
  mainField: 'value',
  value: { field: 'value' },
  look: { height: 176, showsOutput: true },
  costClass: () => 'inline',
  isDeterministic: () => true,
  outputsAhead: ({ value }) => ({ output: { value } }),
});
