import { useReactFlow } from '@xyflow/react';
import { useEffect, useMemo, useState } from 'react';
import { shallow } from 'zustand/shallow';
import { isRunFinished } from '../../../core/run/status.ts';
import { useApp } from '../../api/context.ts';
import type { CanvasEdge, CanvasNode } from '../../graph/canvas-graph.ts';
import { useListPart } from '../edge/use-lists.ts';
import { useEnvironment, useShownRun, useWorkflow, useWorkflowUnless } from '../environment.ts';
import type { listCommands } from '../lists/list-commands.ts';
import type { PanelAction, Panels } from '../panels/panels.ts';
import { workflowFacts, type CommandWork } from './command-context.ts';
import { createCommands, type Commands } from './commands.ts';
import { messageOf } from '../../ui/message-of.ts';

/** The commands of the open workflow as it is now; the same object until something that one of them depends on changes. */
export function useCreateCommands(
  { isSnapping, isPaletteOpen, isInspectorOpen, areRunsOpen, isPhone, viewedRun }: Panels,
  openPanel: (action: PanelAction) => void,
  work: CommandWork,
): Commands {
  const { api, notify } = useApp();
  const environment = useEnvironment();
  const { store, isReadOnly, mayRun, mayEdit } = environment;
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const canRun = mayRun && (!isReadOnly || ((isPhone || !mayEdit) && viewedRun === null));
  const canRunParts = canRun && !isPhone;
  const run = useShownRun();
  const activeRun = run !== null && !isRunFinished(run.status) ? run.id : null;
  const facts = useWorkflowUnless(workflowFacts, shallow);
  const part = useListPart();
  const [about, setAbout] = useState<{ readonly lists: typeof listCommands } | null>(null);
  const hasLists = part !== null;
  useEffect(() => {
    // A canvas does without them.
    if (hasLists)
      import('../lists/list-commands.ts').then(
        (file) => setAbout({ lists: file.listCommands }),
        () => 0,
      );
  }, [hasLists]);
  // Which node is selected makes a difference to them alone.
  const selected = useWorkflow((state) => about && state.selectedNodes[0]);
  return useMemo(() => {
    const report = (promise: Promise<unknown>, title: string) =>
      void promise.catch((error: unknown) => notify({ title, description: messageOf(error), kind: 'error' }));
    const context = {
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
    };
    return {
      ...(about && part && about.lists(context, { ...environment, api, part, selected })),
      ...createCommands(context),
    };
  }, [
    about,
    part,
    selected,
    environment,
    api,
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
