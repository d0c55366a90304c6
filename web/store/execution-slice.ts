import type { ApiFinding } from '../../core/api/common.ts';
import type { StartRunBody } from '../../core/api/runs.ts';
import { ApiError } from '../api/api-error.ts';
import { isAskedFor } from '../graph/input-mark.ts';
import type { ExecutionSlice, GetState, NodeFinding, SetState, WorkflowStoreDeps } from './types.ts';
import { messageOf } from '../ui/message-of.ts';

/** A second start is ignored while the first one is under way. A refused run fills `runFindings`. */
export function createExecutionSlice(set: SetState, get: GetState, deps: WorkflowStoreDeps): ExecutionSlice {
  async function start(body: StartRunBody, takes?: (error: unknown) => boolean): Promise<void> {
    if (get().isStarting) return;
    set({ isStarting: true, runFindings: {} });
    try {
      await deps.startRun(body);
    } catch (error) {
      if (takes?.(error) === true) return;
      const runFindings = findingsByNode(error);
      set({ runFindings });
      const first = Object.keys(runFindings)[0];
      deps.notify({
        title: 'The run could not start',
        description: messageOf(error),
        kind: 'error',
        ...(first !== undefined && {
          action: { label: 'Show', onSelect: () => get().selectNodes(Object.keys(runFindings)) },
        }),
      });
    } finally {
      set({ isStarting: false });
    }
  }

  return {
    isStarting: false,
    runFindings: {},
    findings: {},
    setFindings: (findings) => {
      const next = byNode(findings);
      // Nodes are drawn anew only where something is told of them that was not told before.
      if (JSON.stringify(next) !== JSON.stringify(get().findings)) set({ findings: next });
    },
    isAsking: false,
    stopAsking: () => set({ isAsking: false }),
    runWorkflow: async () => {
      if (get().nodes.some((node) => isAskedFor(node, deps.catalogue))) set({ isAsking: true });
      else await start({ mode: 'all' });
    },
    runWithInputs: (inputs, takes) => start({ mode: 'all', inputs }, takes),
    runSelectedNodes: async () => {
      const nodeIds = get().selectedNodes.filter((id) => isExecutable(get, deps, id));
      if (nodeIds.length === 0) {
        deps.notify({ title: 'Nothing selected', description: 'Select the nodes you want to run.' });
        return;
      }
      await start({ mode: 'selected', nodeIds });
    },
    runPart: (mode, nodeIds, some, takes) => start({ mode, nodeIds: [...nodeIds], ...some }, takes),
    runFromCache: (nodeIds) => start({ mode: 'selected', nodeIds: [...nodeIds], useCache: true }),
  };
}

function isExecutable(get: GetState, deps: WorkflowStoreDeps, id: string): boolean {
  const type = get().nodes.find((node) => node.id === id)?.type;
  return type !== undefined && deps.catalogue.has(type);
}

function findingsByNode(error: unknown): Record<string, NodeFinding[]> {
  return error instanceof ApiError ? byNode(error.problem?.errors ?? []) : {};
}

function byNode(findings: readonly ApiFinding[]): Record<string, NodeFinding[]> {
  const found: Record<string, NodeFinding[]> = {};
  for (const { code, message, nodeIds } of findings) {
    for (const nodeId of nodeIds ?? []) (found[nodeId] ??= []).push({ code, message });
  }
  return found;
}
