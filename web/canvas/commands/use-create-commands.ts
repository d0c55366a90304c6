import { useReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import { shallow } from 'zustand/shallow';
import { isRunFinished } from '../../../core/run/status.ts';
import { useApp } from '../../api/context.ts';
import type { CanvasEdge, CanvasNode } from '../../graph/canvas-graph.ts';
import { useEnvironment, useShownRun, useWorkflowUnless } from '../environment.ts';
import type { PanelAction, Panels } from '../panels/panels.ts';
import { workflowFacts, type CommandWork } from './command-context.ts';
import { createCommands, type Commands } from './commands.ts';

/** The commands of the open workflow as it is now; the same object until something that one of them depends on changes. */
export function useCreateCommands(
  { isSnapping, isPaletteOpen, isInspectorOpen, areRunsOpen, isPhone, viewedRun }: Panels,
  openPanel: (action: PanelAction) => void,
  work: CommandWork,
): Commands {
  const { notify } = useApp();
  const { store, isReadOnly, mayRun, mayEdit } = useEnvironment();
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const canRun = mayRun && (!isReadOnly || ((isPhone || !mayEdit) && viewedRun === null));
  const canRunParts = canRun && !isPhone;
  const run = useShownRun();
  const activeRun = run !== null && !isRunFinished(run.status) ? run.id : null;
  const facts = useWorkflowUnless(workflowFacts, shallow);
  return useMemo(() => {
    const report = (promise: Promise<unknown>, title: string) =>
      void promise.catch((error: unknown) =>
        notify({ title, description: error instanceof Error ? error.message : String(error), kind: 'error' }),
      );
    return createCommands({
      store,
      flow,
      canEdit: !isReadOnly,
      canRun,
      canRunParts,
      canCancel: mayRun,
      facts,
      activeRun,
      isSnapping,
      isPaletteOpen,
      isInspectorOpen,
      areRunsOpen,
      openPanel,
      work,
      report,
    });
  }, [
    store,
    flow,
    notify,
    isReadOnly,
    canRun,
    canRunParts,
    mayRun,
    facts,
    activeRun,
    isSnapping,
    isPaletteOpen,
    isInspectorOpen,
    areRunsOpen,
    openPanel,
    work,
  ]);
}
