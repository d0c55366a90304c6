import { callContractOf } from '../../core/graph/calls.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { edgeOf, nodeOf } from '../graphs.ts';
import { probedNodes } from '../probe-node.ts';
import { call, question, type CallableWorkflow } from './asking-nodes.ts';
import type { Random } from './random.ts';

/** Makes a workflow of a graph and publishes it; resolves to its id. */
export type Publish = (name: string, graph: Graph) => Promise<number>;

const given = nodeOf('given', 'text', { text: '', input: { name: 'in', required: true } });
const result = nodeOf('result', 'output', { name: 'out' });

/** A short one, one that goes through a list, and one that calls the first and then asks a person. */
export async function publishCallables(random: Random, publish: Publish): Promise<readonly CallableWorkflow[]> {
  const short = await published('short', {
    nodes: [given, nodeOf('do', 'probeEach', { name: 'do', ms: random.between(0, 200), failsFor: 'e5' }), result],
    edges: [edgeOf('given', 'do'), edgeOf('do', 'result')],
  });
  const listing = await published('listing', {
    nodes: [
      given,
      nodeOf('words', 'splitText', { by: 'separator', separator: ' ' }),
      nodeOf('do', 'probeEach', {
        name: 'do',
        ms: random.between(0, 100),
        failsFor: 'e4',
        each: { concurrency: 2, onError: 'goOn' },
      }),
      nodeOf('all', 'whole'),
      result,
    ],
    edges: [edgeOf('given', 'words'), edgeOf('words', 'do'), edgeOf('do', 'all'), edgeOf('all', 'result')],
  });
  const deeper = await published('deeper', {
    nodes: [given, call('call', short), question(random, 'ask'), result],
    edges: [
      edgeOf('given', 'call', { targetHandle: 'in' }),
      edgeOf('call', 'ask', { sourceHandle: 'out', targetHandle: 'value' }),
      edgeOf('ask', 'result', { sourceHandle: 'yes' }),
    ],
  });
  return [short, listing, deeper];

  async function published(name: string, graph: Graph): Promise<CallableWorkflow> {
    const workflowId = await publish(name, graph);
    const contract = callContractOf({ name, version: 1, data: graph }, probedNodes.catalogue);
    return { workflowId, graph, contract };
  }
}
