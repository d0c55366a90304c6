import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server';
import type { RunDetail } from '../../../core/api/runs.ts';
import { isAssetReference, type AssetReference } from '../../../core/node-type/values.ts';
import { isRunFinished } from '../../../core/run/status.ts';

/** What a tool says of a run; the schema of its outputs is the workflow's own. */
export interface RunResult {
  readonly runId: string;
  readonly status: RunDetail['status'];
  readonly error: string | null;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The schema of `RunResult`. */
export function runResultSchema(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    type: 'object',
    properties: {
      runId: { type: 'string', format: 'uuid' },
      status: { type: 'string', description: 'COMPLETED, FAILED or CANCELLED; anything else: it goes on.' },
      error: { type: ['string', 'null'] },
      // What has arrived: all of it once the run is COMPLETED.
      outputs: { ...outputs, $schema: undefined },
    },
    required: ['runId', 'status', 'error', 'outputs'],
    additionalProperties: false,
  };
}

/** The address of a run as a resource. */
export const runUri = (runId: string) => `heddle://runs/${runId}`;

/** The tool that waits for a run which was started and goes on. */
export const waitTool = 'wait_for_run';

/** A run as the answer of a tool: its outputs, files as links, and what to do where it goes on. */
export function resultOf(run: RunDetail, fileUrl: (reference: AssetReference) => string): CallToolResult {
  const { id: runId, status, error, outputs } = run;
  const structuredContent: RunResult = { runId, status, error, outputs };
  const links: ContentBlock[] = filesIn(outputs).map(([name, file]) => ({
    type: 'resource_link',
    uri: fileUrl(file),
    name,
    mimeType: file.mimeType,
  }));
  const words = wordsOf(run);
  return {
    content: [{ type: 'text', text: words }, ...links],
    structuredContent: { ...structuredContent },
    ...(status === 'FAILED' || status === 'CANCELLED' ? { isError: true } : {}),
  };
}

function wordsOf({ id, status, error, outputs }: RunDetail): string {
  if (!isRunFinished(status)) {
    return `The run ${id} goes on. Call ${waitTool} with this runId to wait for it, or read ${runUri(id)} later.`;
  }
  if (status !== 'COMPLETED') return `The run ${id} is ${status}.${error === null ? '' : ` ${error}`}`;
  return JSON.stringify(outputs, null, 2);
}

/** Files in the outputs, with the name of the output and, in lists, their number. */
function filesIn(outputs: Readonly<Record<string, unknown>>): [string, AssetReference][] {
  return Object.entries(outputs).flatMap(([name, value]): [string, AssetReference][] => {
    if (isAssetReference(value)) return [[name, value]];
    if (!Array.isArray(value)) return [];
    return value.flatMap((item, index): [string, AssetReference][] =>
      isAssetReference(item) ? [[`${name} ${index + 1}`, item]] : [],
    );
  });
}
