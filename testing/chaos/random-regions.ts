import type { GraphEdge, GraphNode } from '../../core/graph/graph.ts';
import { edgeOf, nodeOf } from '../graphs.ts';
import { probeEachOutput } from '../probe-node.ts';
import { call, question, type CallableWorkflow } from './asking-nodes.ts';
import type { Random } from './random.ts';

/** A piece of a graph that goes through a list, calls a workflow, or repeats something. */
interface Piece {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface RegionSource {
  readonly random: Random;
  readonly callUrl: string;
  /** Published workflows; with none, nothing is called. */
  readonly callable: readonly CallableWorkflow[];
}

const slow = 0.05;

type Shape = (source: RegionSource) => Piece;

/** Shapes with the share of each; they add up to 1. */
const shapes: readonly (readonly [share: number, Shape])[] = [
  [0.2, chainOfTwo],
  [0.2, nested],
  [0.15, branching],
  [0.1, asking],
  [0.1, calling],
  [0.05, callingForEach],
  [0.1, looping],
  [0.1, loopingForEach],
];

/** Nodes that are executed once for each element of a list, or once per lap, in one of several shapes; or a call. */
export function randomRegion(source: RegionSource): Piece {
  let left = source.random.next();
  const [, shape] = shapes.find(([share]) => (left -= share) < 0) ?? shapes[0]!;
  const needsWorkflow = shape === calling || shape === callingForEach;
  return (needsWorkflow && source.callable.length === 0 ? chainOfTwo : shape)(source);
}

function elementOf(random: Random): string {
  return `e${random.between(0, 6)}`;
}

function elements(random: Random, most: number, least = 0): string[] {
  return Array.from({ length: random.between(least, most) }, () => elementOf(random));
}

function settings(random: Random): object {
  return {
    concurrency: random.between(1, 6),
    onError: random.pick(['stop', 'goOn', 'leaveOut']),
    ...(random.chance(0.2) && { failAbove: { count: 1 } }),
  };
}

function probeEach({ random, callUrl }: RegionSource, id: string, data: object = {}): GraphNode {
  return nodeOf(id, 'probeEach', {
    name: id,
    ms: random.between(0, random.chance(slow) ? 3_000 : 200),
    callUrl: random.chance(0.3) ? callUrl : null,
    ...data,
  });
}

const each = { data: { each: true } };

/** Two nodes one after the other, for elements of which some are equal; for one of them it may fail. */
function chainOfTwo(source: RegionSource): Piece {
  const { random } = source;
  const failsFor = random.chance(0.3) ? probeEachOutput('a', elementOf(random)) : null;
  return {
    nodes: [
      nodeOf('items', 'items', { items: elements(random, 12) }),
      probeEach(source, 'a', { each: settings(random) }),
      probeEach(source, 'b', { failsFor }),
      nodeOf('whole', 'whole'),
    ],
    edges: [edgeOf('items', 'a'), edgeOf('a', 'b'), edgeOf('b', 'whole')],
  };
}

/** A list of words for each element, at times one of syllables for each word, and all of it put together again. */
function nested(source: RegionSource): Piece {
  const { random } = source;
  const isDeep = random.chance(0.3);
  const word = () => (isDeep ? elements(random, 2, 1).join('-') : elementOf(random));
  const sentence = () => Array.from({ length: random.between(1, 3) }, word).join(' ');
  const split = (id: string, separator: string) =>
    nodeOf(id, 'splitText', { by: 'separator', separator, each: settings(random) });
  const inmost = probeEach(source, 'syllable', {
    failsFor: random.chance(0.3) ? elementOf(random) : null,
    each: settings(random),
  });
  return {
    nodes: [
      nodeOf('items', 'items', { items: Array.from({ length: random.between(0, 4) }, sentence) }),
      split('words', ' '),
      ...(isDeep ? [split('syllables', '-')] : []),
      inmost,
      ...(isDeep ? [nodeOf('word', 'whole')] : []),
      nodeOf('sentence', 'whole'),
      nodeOf('text', 'whole'),
    ],
    edges: [
      edgeOf('items', 'words'),
      ...(isDeep
        ? [
            edgeOf('words', 'syllables'),
            edgeOf('syllables', 'syllable'),
            edgeOf('syllable', 'word'),
            edgeOf('word', 'sentence'),
          ]
        : [edgeOf('words', 'syllable'), edgeOf('syllable', 'sentence')]),
      edgeOf('sentence', 'text'),
    ],
  };
}

/** Elements that go one way or the other, failures that are handled, and a node where the ways meet. */
function branching(source: RegionSource): Piece {
  const { random } = source;
  const cases = [
    { id: 'low', operator: 'matches', operand: '^e[0-2]' },
    { id: 'high', operator: 'matches', operand: '^e[3-5]' },
  ];
  return {
    nodes: [
      nodeOf('items', 'items', { items: elements(random, 8) }),
      nodeOf('way', 'switch', { cases, each: settings(random) }),
      probeEach(source, 'lower', { failsFor: random.chance(0.5) ? elementOf(random) : null }),
      probeEach(source, 'upper', { failsFor: random.chance(0.2) ? elementOf(random) : null }),
      nodeOf('meet', 'merge', { mode: 'first' }),
      nodeOf('met', 'probe', { name: 'met', ms: random.between(0, 100) }),
    ],
    edges: [
      edgeOf('items', 'way', { targetHandle: 'value', ...each }),
      edgeOf('way', 'lower', { sourceHandle: 'low' }),
      edgeOf('way', 'upper', { sourceHandle: 'high' }),
      edgeOf('lower', 'meet', { targetHandle: 'values', ...each }),
      edgeOf('lower', 'meet', { id: 'handled', sourceHandle: 'error', targetHandle: 'values', ...each }),
      edgeOf('upper', 'meet', { targetHandle: 'values', ...each }),
      edgeOf('way', 'meet', { sourceHandle: 'else', targetHandle: 'values', ...each }),
      edgeOf('meet', 'met'),
    ],
  };
}

/** A person is asked about each element; who is not answered goes the way for that. */
function asking(source: RegionSource): Piece {
  const { random } = source;
  return {
    nodes: [
      nodeOf('items', 'items', { items: elements(random, 4) }),
      question(random, 'ask', { each: settings(random) }),
      probeEach(source, 'asked'),
      nodeOf('end', 'probe', { name: 'end' }),
    ],
    edges: [
      edgeOf('items', 'ask', { targetHandle: 'value', ...each }),
      edgeOf('ask', 'asked', { sourceHandle: random.pick(['yes', 'no']) }),
      edgeOf('asked', 'end'),
    ],
  };
}

/** Another workflow, once. */
function calling({ random, callable }: RegionSource): Piece {
  const text = [elementOf(random), elementOf(random)].join(' ');
  return {
    nodes: [
      nodeOf('given', 'text', { text }),
      call('call', random.pick(callable)),
      nodeOf('end', 'probe', { name: 'end' }),
    ],
    edges: [
      edgeOf('given', 'call', { targetHandle: 'in' }),
      edgeOf('call', 'end', { sourceHandle: random.chance(0.15) ? 'error' : 'out' }),
    ],
  };
}

/** Another workflow, for each element. */
function callingForEach({ random, callable }: RegionSource): Piece {
  return {
    nodes: [
      nodeOf('items', 'items', { items: elements(random, 5) }),
      call('call', random.pick(callable), { each: settings(random) }),
      nodeOf('end', 'probe', { name: 'end' }),
    ],
    edges: [edgeOf('items', 'call', { targetHandle: 'in' }), edgeOf('call', 'end', { sourceHandle: 'out' })],
  };
}

/** The two ends of a loop: it ends when its value was wrapped so often, or after all its laps. */
function loopEnds(random: Random, data: object = {}): readonly [GraphNode, GraphNode] {
  const condition = { operator: 'matches', operand: random.pick(['(s[(]){2}', '(s[(]){3}', '^never$']) };
  return [nodeOf('repeat', 'repeat', { max: random.between(1, 4), ...data }), nodeOf('until', 'until', condition)];
}

/** A lap that may fail: of values that are wrapped once or twice already. */
function step(source: RegionSource): GraphNode {
  const { random } = source;
  const element = random.chance(0.5) ? elementOf(random) : probeEachOutput('s', elementOf(random));
  return probeEach(source, 'step', { name: 's', failsFor: random.chance(0.4) ? element : null });
}

/**
 * A value that is worked on until it is good; at times through a list in each lap, at times by a way that not every value
 * takes, so that none comes to the end of the loop.
 */
function looping(source: RegionSource): Piece {
  const { random } = source;
  const [repeat, until] = loopEnds(random);
  const output = random.chance(0.2) ? 'error' : random.pick(['output', 'laps', 'ended']);
  const around = {
    first: nodeOf('given', 'text', { text: elements(random, 2, 1).join(' ') }),
    last: nodeOf('end', 'probe', { name: 'end' }),
    edges: [edgeOf('given', 'repeat', { targetHandle: 'value' }), edgeOf('until', 'end', { sourceHandle: output })],
  };
  if (random.chance(0.3)) {
    return {
      nodes: [
        ...[around.first, repeat],
        nodeOf('words', 'splitText', { by: 'separator', separator: ' ', each: settings(random) }),
        ...[step(source), nodeOf('joined', 'whole'), until, around.last],
      ],
      edges: [
        ...around.edges,
        ...[edgeOf('repeat', 'words'), edgeOf('words', 'step'), edgeOf('step', 'joined')],
        edgeOf('joined', 'until', { targetHandle: 'value' }),
      ],
    };
  }
  if (random.chance(0.4)) {
    const cases = [{ id: 'go', operator: 'matches', operand: 'e[0-4]' }];
    return {
      nodes: [around.first, repeat, nodeOf('way', 'switch', { cases }), step(source), until, around.last],
      edges: [
        ...around.edges,
        edgeOf('repeat', 'way', { targetHandle: 'value' }),
        edgeOf('way', 'step', { sourceHandle: 'go' }),
        edgeOf('step', 'until', { targetHandle: 'value' }),
      ],
    };
  }
  return {
    nodes: [around.first, repeat, step(source), until, around.last],
    edges: [...around.edges, edgeOf('repeat', 'step'), edgeOf('step', 'until', { targetHandle: 'value' })],
  };
}

/** The same for each element of a list, each with as many laps as it takes. */
function loopingForEach(source: RegionSource): Piece {
  const { random } = source;
  const [repeat, until] = loopEnds(random, { each: settings(random) });
  return {
    nodes: [
      nodeOf('items', 'items', { items: elements(random, 5) }),
      ...[repeat, step(source), until, nodeOf('whole', 'whole')],
    ],
    edges: [
      edgeOf('items', 'repeat', { targetHandle: 'value', ...each }),
      edgeOf('repeat', 'step'),
      edgeOf('step', 'until', { targetHandle: 'value' }),
      edgeOf('until', 'whole', { sourceHandle: 'output' }),
    ],
  };
}
