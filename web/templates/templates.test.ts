import { expect, test } from '@jest/globals';
import { defaultGraphLimits } from '../../core/graph/limits.ts';
import { isTurnedOff } from '../../core/graph/graph.ts';
import { fillTemplate } from '../../core/templates/fill-template.ts';
import { starterTemplate } from '../../core/templates/starter.ts';
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

test.each([
  [null, true],
  ['a-model', false],
])('with %s as its model the starter says how to get one: %s', async (model, isSaid) => {
  const { nodes } = await fillTemplate(starterTemplate, { model, store: async () => '/api/assets/1' });
  const texts = nodes.filter(({ type }) => type === 'note').map(({ data }) => String(data['text']));
  expect(texts.some((text) => text.includes('Add a key in Settings'))).toBe(isSaid);
  expect(nodes.filter((node) => node.type === 'llm').map(isTurnedOff)).toEqual([isSaid]);
});
