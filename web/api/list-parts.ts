import type { z } from 'zod';
import { partPageSchema } from '../../core/api/parts.ts';
import type { NodeExecution } from '../../core/api/runs.ts';
import type { ApiClient } from './client.ts';

/** What a page is asked for with: at most `limit` parts, from `cursor` on where there is one. */
interface PageOfParts {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * The parts of a run that a node drives: elements of a list, laps of a loop, what it calls. `partId` is the part that the
 * node itself is executed in. Throws ApiError.
 */
export function listParts(
  api: ApiClient,
  { runId, nodeId, partId }: Pick<NodeExecution, 'runId' | 'nodeId' | 'partId'>,
  { limit, cursor }: PageOfParts,
): Promise<z.output<typeof partPageSchema>> {
  const asked = new URLSearchParams({ nodeId, limit: String(limit) });
  if (partId !== null) asked.set('partId', partId);
  if (cursor !== undefined) asked.set('cursor', cursor);
  return api.request(`/api/runs/${runId}/parts?${asked}`, { schema: partPageSchema });
}
