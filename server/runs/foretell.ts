import { setImmediate } from 'node:timers/promises';
import type pg from 'pg';
import { toReference } from '../../assets/attempt-assets.ts';
import type { AssetService } from '../../assets/asset-service.ts';
import { AppError } from '../../core/errors/app-error.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { foretellRun, type EarlierOutput, type Forecast, type ForecastSources } from '../../core/graph/forecast.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import { assetsIn, type NodeOutputs } from '../../core/node-type/values.ts';
import type { Db } from '../../db/client.ts';
import { listAssetsById } from '../../db/assets/find.ts';
import type { AssetRow } from '../../db/assets/rows.ts';
import { listRunsOfOutputs, type RunOfOutput } from '../../db/outputs/list-runs.ts';
import { listCachedOutputs } from '../../db/outputs/list.ts';
import { sha256, type PlannedRequest } from '../../engine/runs/plan-request.ts';

/** What a forecast is made with. */
export interface ForetellDependencies {
  readonly db: Db;
  /** The pool under `db`. */
  readonly pool: pg.Pool;
  readonly assets: Pick<AssetService, 'content'>;
  readonly catalogue: NodeCatalogue;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
}

/** What a run is expected to find in the output cache. */
export interface RunForecast {
  /** Of the nodes that the run executes, by id. */
  readonly nodes: ReadonlyMap<string, Forecast>;
  /** Recent runs with the outputs that are expected from the cache, by node id, as far as there are any. */
  readonly runs: ReadonlyMap<string, RunOfOutput>;
}

/** Somebody waits for the plan; what was not looked at by then is not foretold. */
const forMs = 1_000;
/** Other requests have their turn so often. */
const turnMs = 10;
/** Outputs that are held at once, in characters of JSON; a hundred of the largest. */
const maxCharacters = 30_000_000;
/** Outputs that are read at once, so that time and characters are looked at between: 50 MB of the largest. */
const keysAtOnce = 200;
/** Files that are looked for at once; a store elsewhere answers in some milliseconds each. */
const filesAtOnce = 16;

/** Foretells what a planned run will find in the output cache. Nothing is locked, so it may be otherwise when it runs. */
export async function foretell(
  dependencies: ForetellDependencies,
  request: {
    readonly scope: InWorkspace;
    readonly workflowId: number;
    readonly useCache: boolean | null;
    readonly planned: PlannedRequest;
  },
): Promise<RunForecast> {
  const { scope, workflowId, useCache, planned } = request;
  const { plan, structure, reusable } = planned;
  const reused = new Map(
    [...reusable].flatMap(([nodeId, { outputs }]) => (outputs === null ? [] : [[nodeId, outputs] as const])),
  );
  const nodes = await foretellRun(
    { plan, structure, catalogue: dependencies.catalogue, useCache, reused, hash: sha256 },
    createSources(dependencies, scope),
  );
  const cached = plan.nodes.flatMap(({ nodeId, fingerprint }) => {
    const forecast = nodes.get(nodeId);
    return forecast?.kind === 'cached' ? [{ nodeId, fingerprint, key: forecast.key }] : [];
  });
  const runs = await listRunsOfOutputs(dependencies.pool, { workflowId, userId: scope.workspaceId }, cached);
  return { nodes, runs: new Map(runs.map((run) => [run.nodeId, run])) };
}

function createSources({ db, pool, assets, clock }: ForetellDependencies, scope: InWorkspace): ForecastSources {
  const startedAt = clock();
  let turnAt = startedAt;
  let charactersLeft = maxCharacters;
  const isOver = () => clock() - startedAt >= forMs;

  /** Whether there are the bytes of an asset; null where there was no time or no way to look. */
  async function hasContent(asset: AssetRow): Promise<boolean | null> {
    if (isOver()) return null;
    try {
      await assets.content(asset);
      return true;
    } catch (error) {
      return error instanceof AppError && error.code === 'ASSET_NOT_FOUND' ? false : null;
    }
  }

  /** Says of the assets of these ids whether they can be used, as `hasContent` does. */
  async function findFiles(ids: readonly string[]): Promise<ReadonlyMap<string, boolean | null>> {
    const rows = await listAssetsById(db, scope, ids);
    const contents = new Map<string, boolean | null>();
    const left = [...new Map([...rows.values()].map((row) => [row.sha256, row])).values()];
    const look = async () => {
      for (let row = left.pop(); row !== undefined; row = left.pop()) contents.set(row.sha256, await hasContent(row));
    };
    await Promise.all(Array.from({ length: filesAtOnce }, look));
    const stateOf = (row: AssetRow | undefined) => (row === undefined ? false : (contents.get(row.sha256) ?? null));
    return new Map(ids.map((id) => [id, stateOf(rows.get(id))]));
  }

  async function findSome(keys: readonly string[]): Promise<(readonly [string, EarlierOutput | 'unchecked'])[]> {
    const found = await listCachedOutputs(pool, scope.workspaceId, keys, charactersLeft);
    for (const { characters } of found) charactersLeft -= characters;
    const files = await findFiles([...new Set(found.flatMap(({ outputs }) => assetIdsOf(outputs ?? {})))]);
    return found.flatMap(({ key, outputs, madeAt }) => {
      const states = assetIdsOf(outputs ?? {}).map((id) => files.get(id));
      if (states.includes(false)) return [];
      return [outputs === null || states.includes(null) ? unchecked(key) : ([key, { outputs, madeAt }] as const)];
    });
  }

  return {
    listAssetsById: async (ids) => {
      const rows = await listAssetsById(db, scope, ids);
      return new Map([...rows].map(([id, row]) => [id, toReference(row)]));
    },
    findCached: async (keys) => {
      const known = new Map<string, EarlierOutput | 'unchecked'>();
      for (let at = 0; at < keys.length; at += keysAtOnce) {
        const some = keys.slice(at, at + keysAtOnce);
        const found = isOver() || charactersLeft <= 0 ? some.map(unchecked) : await findSome(some);
        for (const [key, output] of found) known.set(key, output);
      }
      return known;
    },
    mayLookFurther: async () => {
      if (clock() - turnAt >= turnMs) {
        await setImmediate();
        turnAt = clock();
      }
      return !isOver();
    },
  };
}

function unchecked(key: string): readonly [string, 'unchecked'] {
  return [key, 'unchecked'];
}

function assetIdsOf(outputs: NodeOutputs): readonly string[] {
  return Object.values(outputs).flatMap(assetsIn);
}
