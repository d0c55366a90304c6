import { expect, test } from '@jest/globals';
import { defaultGraphLimits } from '../../core/graph/limits.ts';
import { isTurnedOff } from '../../core/graph/graph.ts';
import { validateGraph } from '../../core/graph/validate.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { templates } from './list.ts';

test.each(templates.map((template) => [template.id, template] as const))(
  'the template %s is a valid graph',
  (_, { graph }) => {
    expect(validateGraph(graph, nodeCatalogue, defaultGraphLimits)).toEqual([]);
  },
);

test('a template that says so asks no model', () => {
  for (const { id, graph, runsWithoutKey } of templates) {
    const asksModel = graph.nodes.some((node) => node.type === 'llm' && !isTurnedOff(node));
    expect([id, asksModel]).toEqual([id, !runsWithoutKey]);
  }
});
