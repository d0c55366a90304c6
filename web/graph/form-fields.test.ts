import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineNode } from '../../core/node-type/definition.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { fieldsOf } from './form-fields.ts';

test('a node type with no line of interface code has a complete form', () => {
  const info = describeNodeType(
    defineNode({
      type: 'blur',
      version: 1,
      title: 'Blur',
      description: 'Softens a picture.',
      category: 'image',
      icon: 'wand',
      inputs: [],
      outputs: [],
      configSchema: z.object({
        label: z.string().optional(),
        radius: z.number().min(1).max(50).default(4).meta({ title: 'Radius', control: 'slider', step: 1 }),
        edgeMode: z.enum(['wrap', 'mirror']).default('wrap'),
        keepAlpha: z.boolean().optional(),
        mask: z.object({ url: z.string() }).optional().meta({ control: 'file', accept: 'image/*' }),
      }),
      defaults: {},
      costClass: () => 'cpu',
      isDeterministic: () => true,
    }),
  );
  expect(fieldsOf(info.schema).map(({ name, title, control }) => [name, title, control])).toEqual([
    ['radius', 'Radius', 'slider'],
    ['edgeMode', 'Edge mode', 'select'],
    ['keepAlpha', 'Keep alpha', 'switch'],
    ['mask', 'Mask', 'file'],
  ]);
  expect(fieldsOf(info.schema)[0]).toMatchObject({ min: 1, max: 50, step: 1, defaultValue: 4 });
  expect(fieldsOf(info.schema)[1]?.options).toEqual(['wrap', 'mirror']);
});

test('every field of every node type has a control other than raw JSON', () => {
  for (const definition of nodeDefinitions) {
    // Data are what the one is for, and the lists of the others have editors.
    if (['json', 'switch', 'code', 'llm', 'approve', 'callWorkflow', 'composeImages'].includes(definition.type))
      continue;
    for (const field of fieldsOf(describeNodeType(definition).schema)) {
      expect([definition.type, field.name, field.control]).not.toContain('json');
    }
  }
});
