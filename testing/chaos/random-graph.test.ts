import { expect, test } from '@jest/globals';
import { defaultGraphLimits } from '../../core/graph/limits.ts';
import { findRegions } from '../../core/graph/regions.ts';
import { inspectGraph } from '../../core/graph/validate.ts';
import { validateForRun } from '../../core/graph/validate-for-run.ts';
import { probedNodes } from '../probe-node.ts';
import { publishCallables } from './callable-workflows.ts';
import { randomGraph } from './random-graph.ts';
import { createRandom } from './random.ts';

test('random graphs can all be run, and lists, lists in lists, loops, branches, questions and calls are among them', async () => {
  const { catalogue } = probedNodes;
  const random = createRandom(7);
  let workflows = 0;
  const callable = await publishCallables(random, async () => (workflows += 1));
  const graphs = [
    ...callable.map(({ graph }) => graph),
    ...Array.from({ length: 300 }, () => randomGraph(random, 'http://127.0.0.1/', callable)),
  ];
  const seen = new Map<string, number>();
  for (const graph of graphs) {
    const { findings, structure } = inspectGraph(graph, catalogue, defaultGraphLimits);
    expect(findings).toEqual([]);
    const ids = new Set(graph.nodes.map(({ id }) => id));
    expect(validateForRun(graph, ids, catalogue, structure!)).toEqual([]);
    const regions = findRegions(structure!, catalogue);
    const mapped = new Set(regions.flatMap(({ nodes }) => nodes));
    const kinds = [
      ...(regions.length > 0 ? ['list'] : []),
      ...(regions.some(({ inner }) => inner.length > 0) ? ['list in a list'] : []),
      ...(regions.some(({ inner }) => inner.some((region) => region.inner.length > 0)) ? ['three lists'] : []),
      ...(regions.some(({ loop }) => loop !== undefined) ? ['loop'] : []),
      ...(regions.some(({ inner }) => inner.some(({ loop }) => loop !== undefined)) ? ['loop for each'] : []),
      ...(regions.some(({ loop, inner }) => loop !== undefined && inner.length > 0) ? ['list in a loop'] : []),
      ...graph.nodes.map(({ id, type }) => `${type}${mapped.has(id) ? ' for each' : ''}`),
    ];
    for (const kind of new Set(kinds)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  for (const kind of [
    ...['loop', 'loop for each', 'list in a loop'],
    ...['list', 'list in a list', 'three lists', 'switch', 'switch for each', 'approve', 'approve for each'],
    ...['callWorkflow', 'callWorkflow for each', 'merge', 'merge for each', 'delay'],
  ]) {
    expect([kind, (seen.get(kind) ?? 0) > 3]).toEqual([kind, true]);
  }
});
