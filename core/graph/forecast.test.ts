import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { arbitraryGraph, chainOf, edgeOf, graphOf, nodeOf, sha256 } from '../../testing/graphs.ts';
import { catalogueOf, defineNode } from '../node-type/definition.ts';
import type { AssetReference, NodeOutputs } from '../node-type/values.ts';
import { cacheKeyOf, mayStandIn } from './cache-key.ts';
import { configOf } from './config.ts';
import { foretellRun, type EarlierOutput, type Forecast, type ForecastSources } from './forecast.ts';
import type { Graph } from './graph.ts';
import { resolveInputs } from './inputs.ts';
import { planRun, type PlanRequest } from './plan.ts';
import { structureOf } from './structure.ts';

/** Deterministic where it says so; gives its name and its inputs. */
const workNode = defineNode({
  type: 'work',
  version: 1,
  title: 'Work',
  description: 'Works.',
  category: 'flow',
  icon: 'hammer',
  inputs: [{ id: 'input', title: 'Input', dataType: 'any', many: true }],
  outputs: [{ id: 'output', title: 'Output', dataType: 'any' }],
  configSchema: z.object({ name: z.string(), varies: z.boolean().default(false), inline: z.boolean().default(false) }),
  defaults: { name: '' },
  costClass: ({ inline }) => (inline ? 'inline' : 'io'),
  isDeterministic: ({ varies }) => !varies,
});
const catalogue = catalogueOf([...nodeCatalogue.values(), workNode]);

const work = (id: string, data: Record<string, unknown> = {}) => nodeOf(id, 'work', { name: id, ...data });
const madeAt = new Date(0);
const photo: AssetReference = {
  assetId: '019ac0de-0000-7000-8000-000000000001',
  url: '/api/assets/019ac0de-0000-7000-8000-000000000001/content',
  mimeType: 'image/png',
  bytes: 1,
  sha256: 'a'.repeat(64),
};

/** A cache and what nodes do, in the memory of a test. */
function createWorld() {
  const cache = new Map<string, EarlierOutput>();
  const asked: (readonly string[])[] = [];
  let executions = 0;
  const sources: ForecastSources = {
    listAssetsById: async (ids) => new Map(ids.includes(photo.assetId) ? [[photo.assetId, photo]] : []),
    findCached: async (keys) => {
      asked.push(keys);
      return new Map(keys.flatMap((key) => (cache.has(key) ? [[key, cache.get(key)!] as const] : [])));
    },
    mayLookFurther: async () => true,
  };

  function planned(graph: Graph, request: Partial<PlanRequest> = {}) {
    const structure = structureOf(graph, catalogue);
    const rest = { mode: 'all' as const, nodeIds: [], hash: sha256, defaultTimeoutMs: 1 };
    return { structure, plan: planRun({ graph, structure, catalogue, ...rest, ...request }) };
  }

  return {
    cache,
    asked,
    /** What a run does with each node, and keeps. */
    run(graph: Graph, { useCache = null }: { useCache?: boolean | null } = {}): Map<string, 'cached' | 'executed'> {
      const { plan, structure } = planned(graph);
      const outputs = new Map<string, NodeOutputs>();
      const did = new Map<string, 'cached' | 'executed'>();
      for (const { nodeId, nodeType } of plan.nodes) {
        const definition = catalogue.get(nodeType)!;
        const config = configOf(structure.configs, definition, structure.nodes.get(nodeId)!);
        const inputs = resolveInputs(definition, structure.incoming.get(nodeId)!, (id) => outputs.get(id));
        const key = mayStandIn(definition, config, useCache) ? cacheKeyOf(definition, config, inputs, sha256) : null;
        const earlier = key === null ? undefined : cache.get(key);
        executions += 1;
        const nonce = config['varies'] === true ? executions : 0;
        const made = nodeType === 'text' ? { output: config['text'] as string } : { output: [nodeType, nonce, inputs] };
        outputs.set(nodeId, earlier?.outputs ?? made);
        did.set(nodeId, earlier === undefined ? 'executed' : 'cached');
        if (key !== null && earlier === undefined) cache.set(key, { outputs: made, madeAt });
      }
      return did;
    },
    async foretell(
      graph: Graph,
      {
        useCache = null,
        reused = new Map(),
        on = {},
        ...request
      }: Partial<PlanRequest> & {
        useCache?: boolean | null;
        reused?: ReadonlyMap<string, NodeOutputs>;
        on?: Partial<ForecastSources>;
      } = {},
    ): Promise<Map<string, Forecast>> {
      const { plan, structure } = planned(graph, request);
      const forecast = await foretellRun(
        { plan, structure, catalogue, useCache, reused, hash: sha256 },
        { ...sources, ...on },
      );
      return new Map(forecast);
    },
  };
}

/** `id kind`, with the reason where there is one. */
function outline(forecasts: ReadonlyMap<string, Forecast>): string[] {
  return [...forecasts].map(([id, forecast]) =>
    forecast.kind === 'cached' ? `${id} cached` : `${id} ${forecast.kind} ${forecast.because}`,
  );
}

/*  t -> a -> b -> c   with c also fed by m, which varies */
const graph: Graph = {
  nodes: [nodeOf('t', 'text', { text: 'hello' }), work('a'), work('b'), work('m', { varies: true }), work('c')],
  edges: [edgeOf('t', 'a'), edgeOf('a', 'b'), edgeOf('b', 'c'), edgeOf('m', 'c')],
};
const changed = (id: string, data: Record<string, unknown>): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (node.id === id ? { ...node, data: { ...node.data, ...data } } : node)),
});

describe('a forecast', () => {
  test('of a first run finds nothing, and says which inputs are not known yet', async () => {
    const world = createWorld();
    expect(outline(await world.foretell(graph))).toEqual([
      't executed inline',
      'm executed varies',
      'a executed new',
      'b unsure inputs',
      'c unsure inputs',
    ]);
  });

  test('of a second run finds all that is deterministic, step by step', async () => {
    const world = createWorld();
    world.run(graph);
    const forecast = await world.foretell(graph);
    expect(outline(forecast)).toEqual([
      't executed inline',
      'm executed varies',
      'a cached',
      'b cached',
      'c unsure inputs',
    ]);
    expect(forecast.get('b')).toMatchObject({ madeAt });
    expect(world.asked.map((keys) => keys.length)).toEqual([1, 1]);
  });

  test.each([
    ['b', { name: 'other' }, ['a cached', 'b executed new']],
    ['a', { name: 'other' }, ['a executed new', 'b unsure inputs']],
    ['t', { text: 'bye' }, ['a executed new', 'b unsure inputs']],
    ['a', { label: 'Another name' }, ['a cached', 'b cached']],
  ])('after a change of %s to %j has %j', async (id, data, expected) => {
    const world = createWorld();
    world.run(graph);
    const lines = outline(await world.foretell(changed(id, data)));
    expect(lines.filter((line) => /^[ab] /.test(line))).toEqual(expected);
  });

  test('asks for nothing where the run wants fresh results, and for everything where it wants earlier ones', async () => {
    const world = createWorld();
    world.run(graph, { useCache: true });
    expect(new Set(outline(await world.foretell(graph, { useCache: false })))).toEqual(
      new Set(['t executed inline', ...['a', 'b', 'm', 'c'].map((id) => `${id} executed fresh`)]),
    );
    expect(world.asked).toEqual([]);
    expect(outline(await world.foretell(graph, { useCache: true })).filter((line) => line.endsWith(' cached'))).toEqual(
      ['m cached', 'a cached', 'b cached', 'c cached'],
    );
  });

  test('takes the outputs that the run reuses, and says where one is missing', async () => {
    const world = createWorld();
    world.run(graph);
    const key = { mode: 'selected' as const, nodeIds: ['b'] };
    const reused = new Map([['a', [...world.cache.values()][0]!.outputs]]);
    expect(outline(await world.foretell(graph, { ...key, reused }))).toEqual(['b cached']);
    expect(outline(await world.foretell(graph, key))).toEqual(['b unsure inputs']);
  });

  test('knows uploaded files by their content, and nothing of one that is gone or of another kind', async () => {
    const world = createWorld();
    const cropOf = (url: string, type = 'image'): Graph => ({
      nodes: [
        nodeOf('p', type, { file: { url, name: 'p', type: 'image/png' } }),
        nodeOf('c', type === 'image' ? 'cropImage' : 'extractFrame'),
      ],
      edges: [edgeOf('p', 'c')],
    });
    const [crop, config] = [catalogue.get('cropImage')!, catalogue.get('cropImage')!.configSchema.parse({})];
    const key = cacheKeyOf(crop, config, { image_url: { ...photo, assetId: crypto.randomUUID() } }, sha256);
    world.cache.set(key, { outputs: { output: photo }, madeAt });
    expect(outline(await world.foretell(cropOf(photo.url)))).toEqual(['p executed inline', 'c cached']);
    const gone = photo.url.replace('001/', '002/');
    expect(outline(await world.foretell(cropOf(gone)))).toEqual(['p executed inline', 'c unsure inputs']);
    expect(outline(await world.foretell(cropOf(photo.url, 'video')))).toEqual(['p executed inline', 'c unsure inputs']);
  });

  test('does not guess what an inline node puts out that does not say so', async () => {
    const inline: Graph = { nodes: [work('i', { inline: true }), work('a')], edges: [edgeOf('i', 'a')] };
    expect(outline(await createWorld().foretell(inline))).toEqual(['i executed inline', 'a unsure inputs']);
  });

  test('is unsure of a node whose work another one does, too', async () => {
    const twins: Graph = { nodes: [work('a', { name: 'same' }), work('b', { name: 'same' })], edges: [] };
    const world = createWorld();
    expect(outline(await world.foretell(twins))).toEqual(['a executed new', 'b unsure twin']);
    expect(world.asked.map((keys) => keys.length)).toEqual([1]);
    world.run(twins);
    expect(outline(await world.foretell(twins))).toEqual(['a cached', 'b cached']);
  });

  test('is unsure of what could not be looked at, and of what follows', async () => {
    const world = createWorld();
    world.run(graph);
    const findCached = async (keys: readonly string[]) => new Map(keys.map((key) => [key, 'unchecked' as const]));
    const unchecked = outline(await world.foretell(graph, { on: { findCached } }));
    expect(unchecked).toEqual(expect.arrayContaining(['a unsure unchecked', 'b unsure inputs']));
  });

  test('ends where time is over', async () => {
    const world = createWorld();
    const chain: Graph = {
      nodes: chainOf(50).nodes.map(({ id }) => work(id)),
      edges: chainOf(50).edges,
    };
    world.run(chain);
    let left = 20;
    const forecast = await world.foretell(chain, { on: { mayLookFurther: async () => left-- > 0 } });
    expect(world.asked).toHaveLength(20);
    expect(forecast.size).toBe(50);
    expect(outline(forecast)).toEqual(
      Array.from(
        { length: 50 },
        (_, at) => `n${at} ${at < 20 ? 'cached' : at === 20 ? 'unsure unchecked' : 'unsure inputs'}`,
      ),
    );
  });

  test('looks up what is side by side with one question', async () => {
    const ids = Array.from({ length: 500 }, (_, at) => `n${at}`);
    const hub = graphOf(
      ['hub', ...ids],
      ids.map((id) => `hub>${id}`),
    );
    const wide: Graph = { ...hub, nodes: hub.nodes.map(({ id }) => work(id)) };
    const world = createWorld();
    world.run(wide);
    const forecast = await world.foretell(wide);
    expect(world.asked.map((keys) => keys.length)).toEqual([1, 500]);
    expect([...forecast.values()].every(({ kind }) => kind === 'cached')).toBe(true);
  });
});

test('where a node of unknown inputs may turn out to do the same, nobody is sure who executes it', async () => {
  const world = createWorld();
  // What they put out does not tell their names: both pairs give the last one equal inputs.
  const graph = {
    nodes: [
      work('a', { name: 'one' }),
      work('b', { name: 'two' }),
      work('c', { name: 'same' }),
      work('d', { name: 'same' }),
    ],
    edges: [edgeOf('a', 'c'), edgeOf('b', 'd')],
  };
  world.run({ nodes: graph.nodes.filter(({ id }) => id === 'b'), edges: [] });
  const forecast = await world.foretell(graph);
  expect(forecast.get('b')).toMatchObject({ kind: 'cached' });
  expect(forecast.get('d')).toEqual({ kind: 'unsure', because: 'twin' });
  expect(world.run(graph).get('d')).toBe('cached');
});

test('whatever the graph and the cache, a run does what was foretold', async () => {
  const worlds = fc.record({
    graph: arbitraryGraph({ maxNodes: 12, cyclic: false }),
    names: fc.array(fc.nat(5), { minLength: 12, maxLength: 12 }),
    varying: fc.array(fc.nat(11), { maxLength: 3 }),
    forgotten: fc.array(fc.nat(11), { maxLength: 4 }),
    renamed: fc.array(fc.nat(11), { maxLength: 3 }),
    useCache: fc.constantFrom(true, false, null),
  });
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(worlds, async ({ graph: shape, names, varying, forgotten, renamed, useCache }) => {
      const of = (renames: readonly number[]): Graph => ({
        ...shape,
        nodes: shape.nodes.map(({ id }, at) =>
          work(id, { name: `${renames.includes(at) ? 'new' : ''}${names[at]}`, varies: varying.includes(at) }),
        ),
      });
      const world = createWorld();
      world.run(of([]), { useCache });
      for (const key of [...world.cache.keys()].filter((_, at) => forgotten.includes(at))) world.cache.delete(key);
      const forecast = await world.foretell(of(renamed), { useCache });
      const did = world.run(of(renamed), { useCache });
      expect([...forecast.keys()].toSorted()).toEqual([...did.keys()].toSorted());
      for (const [id, { kind }] of forecast) {
        if (kind !== 'unsure') expect([id, kind]).toEqual([id, did.get(id)]);
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }
    }),
    { numRuns: 500 },
  );
  // Each kind was there often enough to be put to the test.
  for (const kind of ['cached', 'executed', 'unsure']) expect(seen.get(kind)).toBeGreaterThan(100);
});
