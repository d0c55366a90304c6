import type { ApiFinding } from '../../core/api/common.ts';
import type { StartRunBody } from '../../core/api/runs.ts';
import { ApiError } from '../api/api-error.ts';
import type { ExecutionSlice, GetState, NodeProblem, SetState, WorkflowStoreDeps } from './types.ts';

/** A second start is ignored while the first one is under way. A refused run fills `problems`. */
export function createExecutionSlice(set: SetState, get: GetState, deps: WorkflowStoreDeps): ExecutionSlice {
  async function start(body: StartRunBody): Promise<void> {
    if (get().isStarting) return;
    set({ isStarting: true, problems: {} });
    try {
      await deps.startRun(body);
    } catch (error) {
      const problems = problemsByNode(error);
      set({ problems });
      const first = Object.keys(problems)[0];
      deps.notify({
        title: 'The run could not start',
        description: error instanceof Error ? error.message : String(error),
        kind: 'error',
        ...(first !== undefined && {
          action: { label: 'Show', onSelect: () => get().selectNodes(Object.keys(problems)) },
        }),
      });
    } finally {
      set({ isStarting: false });
    }
  }

  return {
    isStarting: false,
    problems: {},
    findings: {},
    setFindings: (findings) => {
      const next = byNode(findings);
      // Nodes are drawn anew only where something is told of them that was not told before.
      if (JSON.stringify(next) !== JSON.stringify(get().findings)) set({ findings: next });
    },
    runWorkflow: () => start({ mode: 'all' }),
    runSelectedNodes: async () => {
      const nodeIds = get().selectedNodes.filter((id) => isExecutable(get, deps, id));
      if (nodeIds.length === 0) {
        deps.notify({ title: 'Nothing selected', description: 'Select the nodes you want to run.' });
        return;
      }
      await start({ mode: 'selected', nodeIds });
    },
    runPart: (mode, nodeIds) => start({ mode, nodeIds: [...nodeIds] }),
  };
}

function isExecutable(get: GetState, deps: WorkflowStoreDeps, id: string): boolean {
  const type = get().nodes.find((node) => node.id === id)?.type;
  return type !== undefined && deps.catalogue.has(type);
}

function problemsByNode(error: unknown): Record<string, NodeProblem[]> {
  return error instanceof ApiError ? byNode(error.problem?.errors ?? []) : {};
}

function byNode(findings: readonly ApiFinding[]): Record<string, NodeProblem[]> {
  const problems: Record<string, NodeProblem[]> = {};
  for (const { code, message, nodeIds } of findings) {
    for (const nodeId of nodeIds ?? []) (problems[nodeId] ??= []).push({ code, message });
  }
  return problems;
}
