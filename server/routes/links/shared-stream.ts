import type { SharedRun, SharedRunEvent } from '../../../core/api/links.ts';
import type { RunEvent } from '../../../core/events/run-event.ts';
import type { NodeExecution, RunDetail } from '../../../core/api/runs.ts';
import type { EventStream } from '../../http/event-stream.ts';
import { listProgress, listProgressWords } from '../../../core/run/list-progress.ts';
import { isNodeFinished } from '../../../core/run/status.ts';
import { sharedRunOf } from './shared-run.ts';
import { shownError } from '../../runs/shown-error.ts';

/** A result of a run, and where it comes from. */
export interface ResultPlace {
  readonly name: string;
  /** The `output` node. */
  readonly nodeId: string;
  /** The node whose output it is; null where none is connected. */
  readonly from: string | null;
}

/**
 * Tells a visitor of a run what the stream of its events tells: how far it is, results, and texts that are being written.
 * Nothing of its nodes goes through. Files may be read before they are told of.
 *
 * @param allow lets the visitor read the files in a value
 */
export function sharedStream(
  stream: EventStream,
  {
    results,
    allow,
    sourcesOf,
  }: {
    readonly results: readonly ResultPlace[];
    allow(value: unknown): Promise<void>;
    /** What its results were made from, once it has ended. */
    sourcesOf(run: RunDetail): Promise<SharedRun['sources']>;
  },
): EventStream {
  const nodes = new Map<string, Pick<NodeExecution, 'status' | 'parts'>>();
  let run: Pick<RunDetail, 'status' | 'error'> = { status: 'PENDING', error: null };
  let before: Promise<unknown> = Promise.resolve();
  let told = '';

  /** One after another, whatever has to be waited for. */
  const inOrder = (work: () => Promise<void> | void) => {
    before = before.then(work).catch(() => stream.end());
  };
  const tell = ({ type, ...event }: SharedRunEvent) => stream.send(type, event);
  const tellProgress = () => {
    const { status, error } = run;
    const all = [...nodes.values()];
    const done = all.filter((node) => isNodeFinished(node.status)).length;
    const list = listProgress(all);
    const words = `${status} ${done} ${all.length} ${list === null ? '' : listProgressWords(list)}`;
    if (words === told) return;
    told = words;
    // At its end the run says more.
    tell({ type: 'progress', status, error: shownError(error, []), done, total: all.length, list });
  };

  function onEvent(event: RunEvent): Promise<void> | void {
    if (event.type === 'run.updated') {
      run = event;
      return tellProgress();
    }
    if (event.type === 'node.delta') {
      const { nodeId, attempt, offset, text } = event;
      for (const { name } of results.filter(({ from }) => from === nodeId)) {
        tell({ type: 'text', name, attempt, offset, text });
      }
      return undefined;
    }
    if (event.type !== 'node.updated') return undefined;
    nodes.set(event.id, event);
    tellProgress();
    const result = results.find(({ nodeId }) => nodeId === event.nodeId);
    if (result === undefined || event.status !== 'COMPLETED' || event.partId !== null) return undefined;
    const value = event.outputData?.['output'];
    if (value === undefined) return undefined;
    return allow(value).then(() => tell({ type: 'output', name: result.name, value }));
  }

  return {
    send: (name, data) => {
      if (name === 'error') return inOrder(() => stream.send('error', data));
      if (name !== 'run' && name !== 'done') return inOrder(() => onEvent(data as RunEvent));
      const detail = data as RunDetail;
      return inOrder(async () => {
        run = detail;
        for (const node of detail.nodeExecutions) nodes.set(node.id, node);
        await allow(detail.outputs);
        stream.send(name, sharedRunOf(detail, await sourcesOf(detail)));
      });
    },
    end: () => inOrder(() => stream.end()),
  };
}
