import type { Request } from 'express';
import type { AssetContent } from '../../../assets/asset-store.ts';
import type { BatchRow, BatchRowStatus } from '../../../core/api/batches.ts';
import { AppError } from '../../../core/errors/app-error.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import { outputsOf } from '../../../core/interface/outputs.ts';
import type { Scope } from '../../../core/scope.ts';
import { findBatchGraph } from '../../../db/batches/find.ts';
import { listBatchRows, type ListedBatchRow } from '../../../db/batches/list-rows.ts';
import type { Page } from '../../../db/page-cursor.ts';
import { findWorkflowVersion } from '../../../db/workflows/find-version.ts';
import { batchNotFound, workflowNotFound } from '../../http/not-found.ts';
import { basePathOf } from '../../request/base-path.ts';
import type { ServerDependencies } from '../deps.ts';

/** The names of results by the ids of their nodes, in the order of the graph. */
export type OutputNames = ReadonlyMap<string, string>;

/** Rows that are held at once where all of them are read. */
const pageSize = 200;

/** Reads rows of batches with what came of them by name. */
export function createRowReader({ pool, catalogue, settings }: ServerDependencies) {
  async function graphOf(workflowId: number, versionId: string): Promise<Graph> {
    const graph = await findWorkflowVersion(pool, versionId);
    if (graph === null) throw workflowNotFound(workflowId);
    return graph;
  }

  const namesOf = (graph: Graph): OutputNames =>
    new Map(outputsOf(graph, catalogue).map(({ nodeId, name }) => [nodeId, name]));

  async function page(
    batchId: string,
    outputs: OutputNames,
    options: { readonly after: number; readonly status: BatchRowStatus | null; readonly limit: number },
  ): Promise<Page<BatchRow>> {
    const { limit } = options;
    const rows = await listBatchRows(pool, batchId, { ...options, limit: limit + 1, outputNodes: [...outputs.keys()] });
    const items = rows.slice(0, limit).map((row) => withNames(row, outputs));
    const last = items.at(-1);
    const next =
      rows.length > limit && last !== undefined ? { value: String(last.number), id: String(last.number) } : null;
    return { items, next };
  }

  return {
    graphOf,
    namesOf,
    page,
    /** The names of the results of a user's batch. Throws BATCH_NOT_FOUND. */
    outputsOf: async (scope: Scope, batchId: string): Promise<OutputNames> => {
      const batch = await findBatchGraph(pool, scope, batchId);
      if (batch === null) throw batchNotFound(batchId);
      return namesOf(await graphOf(batch.workflowId, batch.versionId));
    },
    /** Every row, a page at a time. */
    all: async function* (batchId: string, outputs: OutputNames): AsyncGenerator<BatchRow> {
      for (let after = 0; ;) {
        const { items, next } = await page(batchId, outputs, { after, status: null, limit: pageSize });
        yield* items;
        if (next === null) return;
        after = Number(next.value);
      }
    },
    /** The bytes of a user's file; null where it was deleted. */
    contentOf: async (
      assets: ServerDependencies['assets'],
      scope: Scope,
      assetId: string,
    ): Promise<AssetContent | null> => {
      try {
        return await assets.content(await assets.find(scope, assetId));
      } catch (error) {
        if (error instanceof AppError && error.code === 'ASSET_NOT_FOUND') return null;
        throw error;
      }
    },
    /** What a user's file is called; null where it was deleted. */
    nameOf: async (assets: ServerDependencies['assets'], scope: Scope, assetId: string): Promise<string | null> => {
      try {
        return (await assets.find(scope, assetId)).name;
      } catch (error) {
        if (error instanceof AppError && error.code === 'ASSET_NOT_FOUND') return null;
        throw error;
      }
    },
    /** How this installation is reached, without a slash at its end. */
    originOf: (request: Request): string =>
      settings.publicUrl?.replace(/\/+$/, '') ??
      `${request.protocol}://${request.host}${basePathOf(request, settings)}`,
  };
}

function withNames({ puts, ...row }: ListedBatchRow, outputs: OutputNames): BatchRow {
  return {
    ...row,
    outputs: Object.fromEntries(
      [...outputs].flatMap(([nodeId, name]) => (puts.has(nodeId) ? [[name, puts.get(nodeId)]] : [])),
    ),
  };
}
