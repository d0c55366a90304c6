import type { NodeExecution, RunDetail } from '../../core/api/runs.ts';
import { callNodeType } from '../../core/graph/call-contract.ts';
import { isNodeFinished } from '../../core/run/status.ts';

/** Shows how far a run is. */
export interface Progress {
  show(run: RunDetail): void;
}

interface Screen {
  /** True for a terminal, whose lines can be drawn over. */
  readonly isTerminal: boolean;
  /** Characters in a line of the terminal. */
  readonly columns: number;
  /** Lines of the terminal. */
  readonly rows: number;
  write(text: string): void;
}

const marks: Readonly<Record<NodeExecution['status'], string>> = {
  PENDING: '·',
  QUEUED: '…',
  RUNNING: '▶',
  WAITING: '◷',
  COMPLETED: '✓',
  FAILED: '✗',
  SKIPPED: '↷',
  CANCELLED: '■',
};

/** A table that is drawn over on a terminal, or one line per change where output goes to a file. */
export function createProgress(screen: Screen): Progress {
  return screen.isTerminal ? drawTable(screen) : printChanges(screen);
}

function drawTable(screen: Screen): Progress {
  let drawn = 0;
  return {
    show(run) {
      // What would scroll away could not be drawn over.
      const nodes = run.nodeExecutions.slice(0, Math.max(1, screen.rows - 3));
      const width = Math.min(40, Math.max(...nodes.map((node) => nameOf(node).length), 4));
      const lines = nodes.map((node) => {
        const name = nameOf(node).slice(0, width).padEnd(width);
        return `${markOf(node)} ${name}  ${wordOf(node).padEnd(9)}  ${detailOf(node)}`;
      });
      const done = run.nodeExecutions.filter((node) => node.finishedAt !== null).length;
      lines.push(`${run.status.toLowerCase()}: ${done} of ${run.nodeExecutions.length} nodes${asidesOf(run)}`);
      const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
      const text = lines.map((line) => `\u001b[2K${line.slice(0, Math.max(20, screen.columns - 1))}\n`).join('');
      screen.write(up + text);
      drawn = lines.length;
    },
  };
}

function printChanges(screen: Screen): Progress {
  const known = new Map<string, string>();
  return {
    show(run) {
      for (const node of run.nodeExecutions) {
        const state = `${node.status} ${node.attempt}`;
        if (known.get(node.id) === state || node.status === 'PENDING' || node.status === 'QUEUED') continue;
        known.set(node.id, state);
        screen.write(`${nameOf(node)}: ${wordOf(node)} ${detailOf(node)}`.trimEnd() + '\n');
      }
    },
  };
}

/** A branch that is not taken is no failure, and does not look like one. */
function isUntaken(node: NodeExecution): boolean {
  return node.skipReason === 'branch';
}

/** It waits for its own parts, in which something goes on: elements of a list, laps, or a called workflow. */
function isAtWork({ status, parts }: NodeExecution): boolean {
  return status === 'WAITING' && parts !== null && parts.waiting < parts.total - parts.done - parts.failed;
}

function markOf(node: NodeExecution): string {
  return isUntaken(node) ? '○' : marks[isAtWork(node) ? 'RUNNING' : node.status];
}

function wordOf(node: NodeExecution): string {
  return isUntaken(node) ? 'not taken' : isAtWork(node) ? 'running' : node.status.toLowerCase();
}

/** How far what a node is repeated for has come; empty where it is executed once. */
function countsOf({ nodeType, status, parts }: NodeExecution): string {
  if (parts === null) return '';
  const { total, done, cached, running, waiting, failed, skipped } = parts;
  if (nodeType === 'repeat') {
    const laps = done + failed;
    return isNodeFinished(status) ? countOf(laps, 'lap') : `lap ${Math.min(laps + 1, total)} of at most ${total}`;
  }
  if (nodeType === callNodeType && total === 1) return '';
  const rest = Object.entries({ running, waiting, failed, skipped, reused: cached }).filter(([, count]) => count > 0);
  return [
    `${done} of ${countOf(total, nodeType === callNodeType ? 'call' : 'element')}`,
    ...rest.map(([name, count]) => `${count} ${name}`),
  ].join(', ');
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** What the number of nodes alone does not say. */
function asidesOf({ nodeExecutions, handledFailures }: RunDetail): string {
  const untaken = nodeExecutions.filter(isUntaken).length;
  const handled = handledFailures === 1 ? '1 failure handled' : `${handledFailures} failures handled`;
  return `${untaken > 0 ? `, ${untaken} not taken` : ''}${handledFailures > 0 ? `, ${handled}` : ''}`;
}

function nameOf(node: NodeExecution): string {
  return node.nodeLabel ?? node.nodeId;
}

function detailOf(node: NodeExecution): string {
  const counts = countsOf(node);
  if (node.error !== null) return [counts, node.error.split('\n')[0] ?? ''].filter((part) => part !== '').join('; ');
  if (node.cached) return 'reused';
  const attempt = node.attempt > 1 ? `attempt ${node.attempt}` : '';
  const time = node.duration === null ? '' : `${(node.duration / 1_000).toFixed(2)} s`;
  return [counts, time, attempt].filter((part) => part !== '').join(', ');
}
