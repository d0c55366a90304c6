import { beforeAll, expect, test } from '@jest/globals';
import { defaultGraphLimits } from '../../core/graph/limits.ts';
import { isTurnedOff } from '../../core/graph/graph.ts';
import { fillTemplate } from '../../core/templates/fill-template.ts';
import { starterTemplate } from '../../core/templates/starter.ts';
import { outputsOf } from '../../core/interface/outputs.ts';
import { validateGraph } from '../../core/graph/validate.ts';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeCatalogue, nodeDefinitions } from '../../nodes/definitions.ts';
import { drawnFieldsOf, isShown } from '../graph/form-fields.ts';
import { keepTypes } from '../graph/look.ts';
import { expectedHeight, nodeWidth } from '../graph/node-size.ts';
import { appGaps } from '../publishing/app-gaps.ts';
import { missingKey } from './key-words.ts';
import { templates } from '../../core/templates/list.ts';

beforeAll(() => keepTypes(nodeDefinitions.map(describeNodeType)));

test.each(templates.map((template) => [template.id, template] as const))(
  'the template %s is a valid graph',
  (_, { graph }) => {
    expect(validateGraph(graph, nodeCatalogue, defaultGraphLimits)).toEqual([]);
  },
);

/** Of a field with its name and the gap to the next one, in pixels of the canvas. */
const fieldHeight = 60;

/** How many fields more than a fresh one a node shows, by what is chosen in it. */
function furtherFields(type: string, data: Readonly<Record<string, unknown>>): number {
  const definition = nodeDefinitions.find((one) => one.type === type);
  if (definition === undefined) return 0;
  const fields = drawnFieldsOf(describeNodeType(definition));
  const shown = (values: Readonly<Record<string, unknown>>) =>
    fields.filter((field) => !field.isInspectorOnly && isShown(field, values, fields)).length;
  return Math.max(0, shown(data) - shown(definition.defaults));
}

test.each(templates.map((template) => [template.id, template] as const))(
  'C25: nothing of the template %s lies over anything else, results included',
  (_, { graph }) => {
    const sizeOr = (value: unknown, expected: number) => (typeof value === 'number' ? value : expected);
    const boxes = graph.nodes
      .filter(({ type }) => type !== 'group')
      .map(({ id, type, position, ...more }) => ({
        id,
        ...position,
        right: position.x + sizeOr(more['width'], nodeWidth),
        bottom:
          position.y + sizeOr(more['height'], expectedHeight(type) + furtherFields(type, more.data) * fieldHeight),
      }));
    const covering = boxes.flatMap((a, index) =>
      boxes
        .slice(index + 1)
        .filter((b) => a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom)
        .map((b) => `${a.id} ${b.id}`),
    );
    expect(covering).toEqual([]);
  },
);

test.each(templates.map((template) => [template.id, template] as const))(
  'the app of the template %s shows results, and asks for what whoever runs it brings',
  (id, { graph }) => {
    // These are to be run by one click, and over and over.
    expect(appGaps(graph.nodes)).toEqual(
      ['starter', 'compare-prompts'].includes(id) ? [expect.stringContaining('The app will ask for nothing.')] : [],
    );
    const carried = outputsOf(graph, nodeCatalogue).map(({ dataType }) => dataType);
    expect(carried).not.toHaveLength(0);
    // What several ways, or the laps of a loop, end in is of no type.
    if (!['support-routing', 'better-text'].includes(id)) expect(carried).not.toContain('any');
  },
);

test('a template that says so asks no model', () => {
  for (const { id, graph, runsWithoutKey } of templates) {
    const asksModel = graph.nodes.some(
      (node) => ['llm', 'generateImage', 'speak', 'transcribe'].includes(node.type) && !isTurnedOff(node),
    );
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

test('each crop for social media is as wide to its height as its name says, whatever photo comes in', () => {
  const crops = templates
    .find(({ id }) => id === 'social-crops')!
    .graph.nodes.filter(({ type }) => type === 'cropImage');
  expect(crops).toHaveLength(5);
  for (const { data } of crops) {
    expect(data['by']).toBe('shape');
    expect(data['label']).toMatch(new RegExp(`, ${String(data['aspect'])}$`));
  }
});

test('the prompts to compare stand side by side', () => {
  const asked = templates.find(({ id }) => id === 'compare-prompts')!.graph.nodes.filter(({ type }) => type === 'llm');
  expect(new Set(asked.map(({ position }) => position.y)).size).toBe(1);
  expect(new Set(asked.map(({ position }) => position.x)).size).toBe(3);
});

test('a template says which key it lacks, and none where it can run', () => {
  const provider = { id: 'gemini', title: 'Gemini', ownKey: false, variable: 'GEMINI_API_KEY', models: [] };
  const words = (id: string, configured: readonly string[]) =>
    missingKey(
      templates.find((template) => template.id === id)!,
      ['gemini', 'openai'].map((name) => ({ ...provider, id: name, configured: configured.includes(name) })),
    );
  expect([words('product-shots', []), words('podcast-clips', []), words('thumbnails-ab', [])]).toEqual([
    null,
    'Needs a Gemini key',
    'Needs a language model',
  ]);
  expect([words('podcast-clips', ['openai']), words('thumbnails-ab', ['openai'])]).toEqual([
    'Needs a Gemini key',
    null,
  ]);
  expect(words('podcast-clips', ['gemini'])).toBeNull();
  expect(
    missingKey(
      templates.find(({ id }) => id === 'podcast-clips')!,
      undefined,
    ),
  ).toBeNull();
});
