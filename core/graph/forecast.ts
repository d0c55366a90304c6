import { fileTypeOf } from '../data-types/files.ts';
import type { NodeCatalogue, OutputAhead } from '../node-type/definition.ts';
import { handlesOf } from '../node-type/handles.ts';
import type { AssetReference, NodeOutputs, OutputValue } from '../node-type/values.ts';
import { foretellBranches } from './branches.ts';
import { cacheKeyOf, mayStandIn } from './cache-key.ts';
import { configOf } from './config.ts';
import type { Hash } from './fingerprint.ts';
import { resolveInputs } from './inputs.ts';
import type { PlannedNode, RunPlan } from './plan.ts';
import type { GraphStructure } from './structure.ts';

/**
 * What is to be expected of a node that a run executes.
 * - `cached`: an earlier output stands in.
 * - `executed`: none does. `inline`: it is done sooner than a look-up; `fresh`: the run asks for none; `varies`: the
 *   node is not deterministic; `new`: there is none.
 * - `unsure`: that shows when it runs. `inputs`: they are not known before; `twin`: another node of this run does the
 *   same work, or may turn out to, and its output may be found; `unchecked`: there was no time or no way to look;
 *   `branch`: a branch leads to it that may not be taken; `error`: it is reached only where something fails.
 */
export type Forecast =
  | { readonly kind: 'cached'; readonly key: string; readonly madeAt: Date }
  | { readonly kind: 'executed'; readonly because: 'inline' | 'fresh' | 'varies' | 'new' }
  | { readonly kind: 'unsure'; readonly because: 'inputs' | 'twin' | 'unchecked' | 'branch' | 'error' };

/** What the cache holds under a key, and since when. */
export interface EarlierOutput {
  readonly outputs: NodeOutputs;
  readonly madeAt: Date;
}

/** Where a forecast looks; the same places as a worker. */
export interface ForecastSources {
  /** The user's assets by id; what is not there is missing. */
  listAssetsById(ids: readonly string[]): Promise<ReadonlyMap<string, AssetReference>>;
  /** Outputs that would stand in, by key; `unchecked` where there is one of which that could not be told. */
  findCached(keys: readonly string[]): Promise<ReadonlyMap<string, EarlierOutput | 'unchecked'>>;
  /** Whether there is time to look at one more node. */
  mayLookFurther(): Promise<boolean>;
}

/** A planned run, and how it would use the cache. */
export interface ForecastRequest {
  readonly plan: RunPlan;
  readonly structure: GraphStructure;
  readonly catalogue: NodeCatalogue;
  /** As the run asks; null for deterministic nodes only. */
  readonly useCache: boolean | null;
  /** Outputs of the nodes that are planned as `reuse`, as far as they are at hand. */
  readonly reused: ReadonlyMap<string, NodeOutputs>;
  readonly hash: Hash;
}

/**
 * Foretells of each node that a run executes whether an earlier output will
 * stand in. It holds as long as none is made or deleted meanwhile; a node whose
 * dependencies fail is not executed at all.
 *
 * Goes through the graph as a run would: nodes whose dependencies are foretold
 * are looked up together, and what is found makes the inputs of the next known.
 */
export async function foretellRun(
  request: ForecastRequest,
  sources: ForecastSources,
): Promise<ReadonlyMap<string, Forecast>> {
  const { plan, structure, catalogue, useCache, reused, hash } = request;
  const executed = new Map(plan.nodes.filter(({ action }) => action === 'run').map((node) => [node.nodeId, node]));
  const forecasts = new Map<string, Forecast>();
  const outputs = new Map([...reused, ...(await inlineOutputs(request, executed, sources))]);
  const missing = new Set<string>();

  const prospects = foretellBranches(plan, catalogue);

  /** The key to look up; a forecast where that needs no look-up or is not possible. */
  async function keyOf({ nodeId, nodeType, dependencies, region }: PlannedNode): Promise<string | Forecast> {
    const prospect = prospects.get(nodeId)!;
    if (prospect !== 'runs') return { kind: 'unsure', because: prospect === 'unsure' ? 'branch' : 'error' };
    // Each element has inputs of its own.
    if (region !== undefined) return { kind: 'unsure', because: 'inputs' };
    const definition = catalogue.get(nodeType)!;
    const config = configOf(structure.configs, definition, structure.nodes.get(nodeId)!);
    if (definition.costClass(config) === 'inline') return { kind: 'executed', because: 'inline' };
    if (useCache === false) return { kind: 'executed', because: 'fresh' };
    if (!mayStandIn(definition, config, useCache)) return { kind: 'executed', because: 'varies' };
    if (!dependencies.every((id) => outputs.has(id))) return { kind: 'unsure', because: 'inputs' };
    if (!(await sources.mayLookFurther())) return { kind: 'unsure', because: 'unchecked' };
    const inputs = resolveInputs(handlesOf(definition, config), structure.incoming.get(nodeId)!, (id) =>
      outputs.get(id),
    );
    return cacheKeyOf(definition, config, inputs, hash);
  }

  function foretell(nodeId: string, key: string, found: EarlierOutput | 'unchecked' | undefined): Forecast {
    if (found === 'unchecked') return { kind: 'unsure', because: 'unchecked' };
    if (found !== undefined) {
      outputs.set(nodeId, found.outputs);
      return { kind: 'cached', key, madeAt: found.madeAt };
    }
    if (missing.has(key)) return { kind: 'unsure', because: 'twin' };
    missing.add(key);
    return { kind: 'executed', because: 'new' };
  }

  const waits = new Map([...executed].map(([id, node]) => [id, node.pendingDependencies]));
  let ready = [...executed.values()].filter((node) => node.pendingDependencies === 0);
  while (ready.length > 0) {
    const keys = new Map<string, string>();
    for (const node of ready) {
      const key = await keyOf(node);
      if (typeof key === 'string') keys.set(node.nodeId, key);
      else forecasts.set(node.nodeId, key);
    }
    const found = keys.size === 0 ? new Map<string, never>() : await sources.findCached([...new Set(keys.values())]);
    for (const [nodeId, key] of keys) forecasts.set(nodeId, foretell(nodeId, key, found.get(key)));
    const next: PlannedNode[] = [];
    for (const id of ready.flatMap((node) => node.dependents)) {
      const left = (waits.get(id) ?? 0) - 1;
      waits.set(id, left);
      if (left === 0) next.push(executed.get(id)!);
    }
    ready = next;
  }
  for (const nodeId of possibleTwins()) forecasts.set(nodeId, { kind: 'unsure', because: 'twin' });
  return forecasts;

  /**
   * Nodes without an earlier output that do the work of one whose inputs are not
   * known and that does not wait for them: the two may turn out to be equal.
   */
  function possibleTwins(): string[] {
    const of = (isMeant: (forecast: Forecast) => boolean) =>
      [...forecasts].flatMap(([nodeId, forecast]) => {
        if (!isMeant(forecast)) return [];
        const definition = catalogue.get(executed.get(nodeId)!.nodeType)!;
        const config = configOf(structure.configs, definition, structure.nodes.get(nodeId)!);
        return [{ nodeId, work: cacheKeyOf(definition, config, {}, hash) }];
      });
    const open = of((forecast) => forecast.kind === 'unsure' && forecast.because === 'inputs');
    const fresh = of((forecast) => forecast.kind === 'executed' && forecast.because === 'new');
    return fresh.flatMap(({ nodeId, work }) =>
      open.some((other) => other.work === work && !waitsFor(other.nodeId, nodeId)) ? [nodeId] : [],
    );
  }

  /** Whether a node comes after another one. */
  function waitsFor(nodeId: string, earlier: string): boolean {
    const seen = new Set<string>();
    const left = [nodeId];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      if (id === earlier) return true;
      if (seen.has(id)) continue;
      seen.add(id);
      left.push(...(executed.get(id)?.dependencies ?? []));
    }
    return false;
  }
}

/** What inline nodes will put out, as far as their definitions say so. */
async function inlineOutputs(
  { structure, catalogue }: ForecastRequest,
  executed: ReadonlyMap<string, PlannedNode>,
  sources: ForecastSources,
): Promise<ReadonlyMap<string, NodeOutputs>> {
  const ahead = new Map<string, Readonly<Record<string, OutputAhead>>>();
  for (const { nodeId, nodeType, pool } of executed.values()) {
    if (pool !== 'inline') continue;
    const definition = catalogue.get(nodeType)!;
    const config = configOf(structure.configs, definition, structure.nodes.get(nodeId)!);
    const values = definition.outputsAhead?.(config) ?? null;
    if (values !== null) ahead.set(nodeId, values);
  }
  const assetIds = [...ahead.values()].flatMap((values) => Object.values(values).flatMap(assetIdIn));
  const assets =
    assetIds.length === 0 ? new Map<string, AssetReference>() : await sources.listAssetsById([...new Set(assetIds)]);
  const known = new Map<string, NodeOutputs>();
  for (const [nodeId, values] of ahead) {
    const outputs = Object.entries(values).map(([handle, value]) => [handle, valueOf(value, assets)] as const);
    if (outputs.every(isKnown)) known.set(nodeId, Object.fromEntries(outputs));
  }
  return known;
}

function assetIdIn(value: OutputAhead): readonly string[] {
  return 'assetId' in value ? [value.assetId] : [];
}

/** Undefined where the asset is not there or is not what the node takes: the node will fail. */
function valueOf(ahead: OutputAhead, assets: ReadonlyMap<string, AssetReference>): OutputValue | undefined {
  if ('value' in ahead) return ahead.value;
  const asset = assets.get(ahead.assetId);
  return asset !== undefined && fileTypeOf(asset.mimeType) === ahead.kind ? asset : undefined;
}

function isKnown(entry: readonly [string, OutputValue | undefined]): entry is readonly [string, OutputValue] {
  return entry[1] !== undefined;
}
