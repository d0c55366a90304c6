import { hash } from 'node:crypto';
import { graphSchema, type Graph } from '../core/graph/graph.ts';
import { planRun } from '../core/graph/plan.ts';
import type { GraphStructure } from '../core/graph/structure.ts';
import { inspectGraph } from '../core/graph/validate.ts';
import { validateForRun } from '../core/graph/validate-for-run.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { chainOf, edgeOf, layersOf, nodeOf } from '../testing/graphs.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * What a larger graph costs before its run begins: validating and planning it,
 * for chains, layers and hubs from 10 to 5,000 nodes.
 *
 *   npm run bench growth
 *
 * Ends with 1 where 5,000 nodes take more than the bound, or where a node of the
 * largest graph costs more than so many times a node of a graph of 100.
 */

const boundMs = 50;
const boundGrowth = 1.5;
const turns = 41;
const sizes = [10, 100, 1_000, 5_000];
const limits = { maxNodes: 10_000, maxEdges: 50_000, maxChain: 10_000, maxFanOut: 10_000 };
const sha256 = (text: string) => hash('sha256', text);

const shapes: Readonly<Record<string, (nodes: number) => Graph>> = {
  chain: chainOf,
  layers: (nodes) => layersOf(nodes / 10, 10, 3),
  // One node whose output all others use.
  hub: (nodes) => ({
    nodes: Array.from({ length: nodes }, (_, i) => nodeOf(`n${i}`)),
    edges: Array.from({ length: nodes - 1 }, (_, i) => edgeOf('n0', `n${i + 1}`)),
  }),
};

async function measure(made: Graph): Promise<{ validate: number; plan: number }> {
  const times = { validate: [] as number[], plan: [] as number[] };
  const text = JSON.stringify(made);
  for (let turn = 0; turn < turns; turn += 1) {
    // As it comes out of the database each time, so that nothing is known of it from the turn before.
    const graph = graphSchema.parse(JSON.parse(text));
    const ids = new Set(graph.nodes.map(({ id }) => id));
    let structure: GraphStructure;
    times.validate.push(
      await milliseconds(() => {
        const inspected = inspectGraph(graph, nodeCatalogue, limits);
        if (inspected.structure === null || inspected.findings.length > 0) throw new Error('The graph is not valid.');
        structure = inspected.structure;
        validateForRun(graph, ids, nodeCatalogue, structure);
      }),
    );
    times.plan.push(
      await milliseconds(() => {
        planRun({
          graph,
          structure,
          catalogue: nodeCatalogue,
          mode: 'all',
          nodeIds: [],
          hash: sha256,
          defaultTimeoutMs: 600_000,
        });
      }),
    );
  }
  return { validate: median(times.validate), plan: median(times.plan) };
}

for (const [name, make] of Object.entries(shapes)) {
  const perNode = new Map<number, number>();
  for (const size of sizes) {
    const graph = make(size);
    const { validate, plan } = await measure(graph);
    const total = validate + plan;
    perNode.set(size, (total * 1_000) / size);
    console.log(
      `${name.padEnd(7)} ${String(size).padStart(5)} nodes, ${String(graph.edges.length).padStart(6)} edges   ` +
        `validate ${validate.toFixed(2).padStart(7)} ms   plan ${plan.toFixed(2).padStart(7)} ms   ` +
        `${perNode.get(size)!.toFixed(1).padStart(6)} µs a node`,
    );
    if (size === sizes.at(-1) && total > boundMs) {
      console.log(`${name}: ${total.toFixed(1)} ms are more than ${boundMs} ms`);
      process.exitCode = 1;
    }
  }
  const growth = perNode.get(5_000)! / perNode.get(100)!;
  console.log(`${name.padEnd(7)} a node among 5,000 costs ${growth.toFixed(2)} x one among 100\n`);
  if (growth > boundGrowth) process.exitCode = 1;
}
