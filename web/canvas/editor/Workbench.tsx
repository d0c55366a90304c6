import { useCallback, useEffect, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { useStore } from 'zustand';
import type { Workflow } from '../../../core/api/workflows.ts';
import { useApp } from '../../api/context.ts';
import { Palette } from '../../palette/Palette.tsx';
import { OptionalPart, PartBoundary } from '../../shell/PartBoundary.tsx';
import { PointMenu } from '../../ui/Menu.tsx';
import { manyMenu, menuEntries, nodeMenu, paneMenu } from '../commands/command-menu.ts';
import { CommandsContext } from '../commands/commands.ts';
import { useCreateCommands } from '../commands/use-create-commands.ts';
import { useShortcuts } from '../commands/use-shortcuts.ts';
import { useEnvironment, useRuns, useWorkflow } from '../environment.ts';
import { hasHints } from '../../graph/hints.ts';
import { useClipboard } from '../files/use-clipboard.ts';
import type { PanelAction } from '../panels/panels.ts';
import { usePanels } from '../panels/use-panels.ts';
import { useAddNear } from '../quick-add/use-add-near.ts';
import { roleOn, type EditSession } from '../session/edit-session.ts';
import { TopBar } from '../top-bar/TopBar.tsx';
import { middleOfView } from '../view/middle-of-view.ts';
import { CanvasArea, ViewedRun } from './MainArea.tsx';
import type { SaveStatus } from '../../store/autosave.ts';
import { EditorDialogs } from './EditorDialogs.tsx';
import { Hints, RoleBanner, SaveBanner } from './later.tsx';
import { SidePanels } from './SidePanels.tsx';
import { EditorContext, type Editor } from './use-editor.ts';

/** How saving stands where more is to be said than a word. */
const toldStatuses: ReadonlySet<SaveStatus> = new Set(['outdated', 'partly', 'refused']);

interface WorkbenchProps {
  workflow: Workflow;
  session: EditSession;
  isPhone: boolean;
}

/** The canvas and everything around it. */
export function Workbench({ workflow, session, isPhone }: WorkbenchProps) {
  const { panels, dispatch } = usePanels(isPhone);
  const { viewedRun } = panels;
  const name = useStore(session.autosave.state, (state) => state.name);
  const isTold = useStore(session.autosave.state, ({ status }) => toldStatuses.has(status));
  useEffect(() => {
    document.title = `${name} · Heddle`;
  }, [name]);
  // The small map has a place beside the canvas where there is one, and covers no node there.
  const [paletteFoot, setPaletteFoot] = useState<HTMLElement | null>(null);
  const [inspectorFoot, setInspectorFoot] = useState<HTMLElement | null>(null);
  const selectedCount = useWorkflow((state) => state.selectedNodes.length);
  const { mayEdit } = useEnvironment();
  const isClosed = useRuns(({ connection }) => connection === 'closed');
  const isHinting = useWorkflow((state) => hasHints(state.nodes));
  useClipboard();
  const addInView = useAddInView();
  const commands = useCreateCommands(panels, dispatch, useCommandWork(workflow.id, session, dispatch, addInView));
  useShortcuts(commands);
  const editor = useMemo<Editor>(
    () => ({ workflowId: workflow.id, session, panels, dispatch }),
    [workflow.id, session, panels, dispatch],
  );
  const menu = selectedCount === 0 ? paneMenu : selectedCount === 1 ? nodeMenu : manyMenu;
  return (
    <EditorContext value={editor}>
      <CommandsContext value={commands}>
        <div className="flex h-full flex-col">
          <TopBar workflow={workflow} name={name} session={session} isPhone={isPhone} />
          {(!mayEdit || isClosed) && (
            <OptionalPart name="What you may do here">
              <RoleBanner role={isClosed ? null : roleOn(workflow)} />
            </OptionalPart>
          )}
          {isTold && (
            <OptionalPart name="What is not saved">
              <SaveBanner session={session} />
            </OptionalPart>
          )}
          <div className="flex min-h-0 flex-1">
            {!isPhone && viewedRun === null && mayEdit && (
              <PartBoundary name="The list of nodes" className="w-56 shrink-0 border-r border-line bg-surface">
                <Palette
                  isOpen={panels.isPaletteOpen}
                  onToggle={commands.palette.run}
                  onAdd={addInView}
                  foot={setPaletteFoot}
                />
              </PartBoundary>
            )}
            <main aria-label={`Canvas of ${name}`} className="relative min-w-0 flex-1">
              {viewedRun === null ? (
                <CanvasArea mapHome={paletteFoot ?? inspectorFoot} />
              ) : (
                <ViewedRun runId={viewedRun} />
              )}
            </main>
            <SidePanels mapHome={setInspectorFoot} />
          </div>
          <PointMenu
            at={panels.menuAt}
            entries={menuEntries(commands, menu)}
            onClose={() => dispatch({ type: 'close-menu' })}
          />
          <EditorDialogs />
          {isHinting && mayEdit && (
            <OptionalPart name="The hints">
              <Hints />
            </OptionalPart>
          )}
        </div>
      </CommandsContext>
    </EditorContext>
  );
}

/** Adds a node near the middle of what is seen. */
function useAddInView(): (type: string) => void {
  const addNear = useAddNear();
  return useCallback((type) => addNear(type, middleOfView()), [addNear]);
}

/** What commands do that takes the server, or the size of the view. */
function useCommandWork(
  workflowId: number,
  { autosave, store }: EditSession,
  dispatch: (action: PanelAction) => void,
  addInView: (type: string) => void,
) {
  const { api } = useApp();
  const navigate = useNavigate();
  return useMemo(
    () => ({
      cancelRun: (runId: string) => api.cancelRun(runId),
      save: () => autosave.flush(),
      exportWorkflow: async () => {
        // The server hands the file out, so that what is exported is what is kept.
        await autosave.flush();
        const { saveWorkflow } = await import('../../workflows/export-workflow.ts');
        saveWorkflow(await api.exportWorkflow(workflowId));
      },
      unpackCall: async () => {
        const [nodeId] = store.getState().selectedNodes;
        if (nodeId === undefined) return;
        const { unpackNode } = await import('../packing/pack.ts');
        await unpackNode({ api, store, workflowId }, nodeId);
      },
      openTriggers: () => void navigate(`/workflows/${workflowId}/triggers`),
      openLinks: () => void navigate(`/workflows/${workflowId}/links`),
      openBatches: () => void navigate(`/workflows/${workflowId}/batches`),
      addNote: () => addInView('note'),
      quickAdd: () => dispatch({ type: 'quick-add', at: { screen: middleOfView(), isExact: false, from: null } }),
    }),
    [api, autosave, store, navigate, workflowId, dispatch, addInView],
  );
}
