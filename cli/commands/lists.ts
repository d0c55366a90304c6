import type { ListAction, SteeredList } from '../../core/api/parts.ts';
import type { PartsProgress } from '../../core/api/runs.ts';
import { createApiClient } from '../run/api-client.ts';

interface ListsOptions {
  readonly server: string;
  readonly apiKey: string | undefined;
  /** The id of a run. */
  readonly run: string;
  /** What to do first with the list of a node, which is named by its id; null: nothing. */
  readonly act: { readonly action: ListAction; readonly nodeId: string } | null;
  readonly print: (text: string) => void;
}

/** `heddle lists`: how far the lists are that a run goes through; one of them is paused, gone on with, canceled or retried first. */
export async function showLists({ run: runId, act, print, ...on }: ListsOptions): Promise<void> {
  const api = createApiClient(on);
  if (act !== null) {
    const { nodeId, parts }: SteeredList = await api.steerList(runId, act);
    print(`${nodeId}: ${wordsOf(parts)}`);
    return;
  }
  const { nodeExecutions } = await api.readRun(runId);
  const lists = nodeExecutions.flatMap(({ nodeId, parts }) => (parts === null ? [] : [{ nodeId, parts }]));
  if (lists.length === 0) print('The run has not gone through a list so far.');
  for (const { nodeId, parts } of lists) print(`${nodeId}: ${wordsOf(parts)}`);
}

function wordsOf({ total, done, paused, pausedBy, ...rest }: PartsProgress): string {
  const further = (['failed', 'running', 'waiting', 'queued', 'skipped'] as const).flatMap((name) =>
    rest[name] === 0 ? [] : [`${rest[name]} ${name}`],
  );
  return [
    `${done} of ${total} done`,
    ...further,
    ...(paused === true ? [pausedBy === undefined ? 'paused' : `paused by ${pausedBy}`] : []),
  ].join(', ');
}
