import { ReactFlowProvider } from '@xyflow/react';
import { Suspense, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { useNavigate, useSearchParams } from 'react-router';
import type { Workflow } from '../../../core/api/workflows.ts';
import { nodeEditors } from '../../../nodes/editors.ts';
import { useApp, useProviders } from '../../api/context.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import { fromGraph } from '../../graph/canvas-graph.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { Palette } from '../../palette/Palette.tsx';
import { PartBoundary } from '../../shell/PartBoundary.tsx';
import { fetchWhenCalm, lazyPart } from '../../ui/lazy-part.ts';
import { PointMenu, type MenuEntries } from '../../ui/Menu.tsx';
import { useIsPhone } from '../../ui/use-media.ts';
import { saveWorkflow } from '../../workflows/export-workflow.ts';
import { Canvas } from '../view/Canvas.tsx';
import { useShortcuts, type Command } from '../commands/commands.ts';
import { EmptyCanvas } from './EmptyCanvas.tsx';
import { EnvironmentContext, useWorkflow, type CanvasEnvironment } from '../environment.ts';
import type { QuickAddRequest } from '../quick-add/QuickAdd.tsx';
import { SaveBanner } from '../saving/SaveBanner.tsx';
import { RunSummaryBar } from '../running/RunSummaryBar.tsx';
import { TopBar } from '../top-bar/TopBar.tsx';
import { useClipboard } from '../files/use-clipboard.ts';
import { useCommands } from '../commands/use-commands.tsx';
import { useAddNear } from '../quick-add/use-add-near.ts';
import { useRevealBesidePanel } from '../view/use-reveal.ts';
import type { EditSession } from '../session/workflow-session.ts';

const editors = new Map(nodeEditors.map((editor) => [editor.type, editor]));

/** What is not there at first comes a little later, or when it is asked for. */
const later = {
  inspector: lazyPart(() => import('../../inspector/Inspector.tsx'), 'Inspector'),
  runs: lazyPart(() => import('../../runs/RunsPanel.tsx'), 'RunsPanel'),
  overlay: lazyPart(() => import('../../runs/RunOverlay.tsx'), 'RunOverlay'),
  commands: lazyPart(() => import('../commands/CommandPalette.tsx'), 'CommandPalette'),
  shortcuts: lazyPart(() => import('../commands/ShortcutsDialog.tsx'), 'ShortcutsDialog'),
  plan: lazyPart(() => import('../running/PlanDialog.tsx'), 'PlanDialog'),
  conflict: lazyPart(() => import('../saving/ConflictDialog.tsx'), 'ConflictDialog'),
};
const Inspector = later.inspector.Component;
const RunsPanel = later.runs.Component;
const RunOverlay = later.overlay.Component;
const CommandPalette = later.commands.Component;
const ShortcutsDialog = later.shortcuts.Component;
const PlanDialog = later.plan.Component;
const ConflictDialog = later.conflict.Component;

/** One workflow, open for editing. */
export function WorkflowEditor({
  workflow,
  session,
  catalogue,
}: {
  workflow: Workflow;
  session: EditSession;
  catalogue: Catalogue;
}) {
  const services = useApp();
  const { data: providers } = useProviders();
  const isPhone = useIsPhone();
  useEffect(() => fetchWhenCalm(Object.values(later)), []);
  const [parameters] = useSearchParams();
  const isViewingRun = parameters.has('run');
  const environment = useMemo<CanvasEnvironment>(
    () => ({
      store: session.store,
      runs: session.live.runs,
      uploads: session.uploads,
      catalogue,
      editors,
      providers: providers ?? null,
      notify: services.notify,
      isReadOnly: isPhone || isViewingRun,
      retryRun: () => {
        const run = session.live.runs.api.getState().view?.run;
        if (run === undefined) return;
        services.api.retryRun(run.id).then(
          (next) => session.live.follow(next.id),
          (error: Error) =>
            services.notify({ title: 'The retry could not start', description: error.message, kind: 'error' }),
        );
      },
    }),
    [session, catalogue, providers, services, isPhone, isViewingRun],
  );
  return (
    <EnvironmentContext value={environment}>
      <ReactFlowProvider>
        <Workbench workflow={workflow} session={session} isPhone={isPhone} />
      </ReactFlowProvider>
    </EnvironmentContext>
  );
}

/** Where a panel stands beside the canvas. */
const panelClass = 'w-80 shrink-0 border-l border-line bg-surface';

type OpenDialog = 'commands' | 'shortcuts' | 'plan' | null;

function Workbench({ workflow, session, isPhone }: { workflow: Workflow; session: EditSession; isPhone: boolean }) {
  const { api } = useApp();
  const [isPaletteOpen, setIsPaletteOpen] = useState(() => localStorage.getItem('heddle.palette') !== 'closed');
  const [isInspectorOpen, setIsInspectorOpen] = useState(true);
  /** Asked for and not given yet: the inspector may still have to be loaded. */
  const [isInspectorAwaited, setIsInspectorAwaited] = useState(false);
  const [parameters, setParameters] = useSearchParams();
  const areRunsOpen = parameters.get('panel') === 'runs';
  const [isSnapping, setSnapping] = useState(() => localStorage.getItem('heddle.snap') === 'on');
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const [quickAddAt, setQuickAddAt] = useState<QuickAddRequest | null>(null);
  const [menuAt, setMenuAt] = useState<{ x: number; y: number } | null>(null);
  const name = useStore(session.autosave.state, (state) => state.name);
  useEffect(() => {
    document.title = `${name} · Heddle`;
  }, [name]);
  // The inspector opens around the small map: it stays in the corner of the window, and covers no node.
  const [mapHome, setMapHome] = useState<HTMLElement | null>(null);
  const addNear = useAddNear();
  const navigate = useNavigate();
  const isEmpty = useWorkflow((state) => state.nodes.length === 0);
  const selectedNodes = useWorkflow((state) => state.selectedNodes);
  useClipboard();

  const middleOfView = useCallback(() => {
    const area = document.querySelector('.react-flow')?.getBoundingClientRect();
    return { x: (area?.left ?? 0) + (area?.width ?? 0) / 2, y: (area?.top ?? 0) + (area?.height ?? 0) / 2 };
  }, []);
  const addInView = useCallback((type: string) => addNear(type, middleOfView()), [addNear, middleOfView]);
  const isInConflict = useStore(session.autosave.state, ({ status }) => status === 'conflict');
  const viewedRun = parameters.get('run');
  /** What stands beside the canvas, and which earlier run stands in its place. */
  const show = useCallback(
    (view: { runs: boolean; run: string | null }) =>
      setParameters(
        { ...(view.runs && { panel: 'runs' }), ...(view.run !== null && { run: view.run }) },
        { replace: view.run === null },
      ),
    [setParameters],
  );
  const setRunsOpen = useCallback((runs: boolean) => show({ runs, run: runs ? viewedRun : null }), [show, viewedRun]);
  const viewRun = useCallback(
    // On a phone the list lies over everything: it makes way for the run that was chosen.
    (run: string | null) => show({ runs: areRunsOpen && !(isPhone && run !== null), run }),
    [show, areRunsOpen, isPhone],
  );

  const targets = useMemo(
    () => ({
      session,
      isSnapping,
      setSnapping: (isOn: boolean) => {
        localStorage.setItem('heddle.snap', isOn ? 'on' : 'off');
        setSnapping(isOn);
      },
      togglePalette: () =>
        setIsPaletteOpen((isOpen) => {
          localStorage.setItem('heddle.palette', isOpen ? 'closed' : 'open');
          return !isOpen;
        }),
      toggleInspector: () => setIsInspectorOpen((isOpen) => !isOpen),
      goToInspector: () => {
        setIsInspectorOpen(true);
        if (areRunsOpen) setRunsOpen(false);
        setIsInspectorAwaited(viewedRun === null && !isPhone);
      },
      toggleRuns: () => setRunsOpen(!areRunsOpen),
      openCommands: () => setDialog('commands'),
      openShortcuts: () => setDialog('shortcuts'),
      openPlan: () => setDialog('plan'),
      quickAdd: () => setQuickAddAt({ screen: middleOfView(), isExact: false, from: null }),
      addNote: () => addInView('note'),
      exportWorkflow: async () => {
        // The server hands the file out, so that what is exported is what is kept.
        await session.autosave.flush();
        saveWorkflow(await api.exportWorkflow(workflow.id));
      },
    }),
    [session, api, workflow.id, isSnapping, areRunsOpen, setRunsOpen, viewedRun, isPhone, middleOfView, addInView],
  );
  const commands = useCommands(targets);
  useShortcuts(commands);

  const restore = (graph: Graph) => {
    session.store.getState().replaceGraph('Restore the graph of a run', fromGraph(graph));
    viewRun(null);
  };
  const isInspecting = viewedRun === null && !isPhone && isInspectorOpen && !areRunsOpen && selectedNodes.length > 0;
  useRevealBesidePanel(isInspecting);
  return (
    <div className="flex h-full flex-col">
      <TopBar
        name={name}
        session={session}
        commands={commands}
        areRunsOpen={areRunsOpen}
        isPhone={isPhone}
        onToggleRuns={targets.toggleRuns}
      />
      <SaveBanner session={session} />
      <div className="flex min-h-0 flex-1">
        {!isPhone && viewedRun === null && (
          <PartBoundary name="The list of nodes" className="w-56 shrink-0 border-r border-line bg-surface">
            <Palette isOpen={isPaletteOpen} onToggle={targets.togglePalette} onAdd={addInView} />
          </PartBoundary>
        )}
        <main aria-label={`Canvas of ${name}`} className="relative min-w-0 flex-1">
          {viewedRun === null ? (
            <>
              <PartBoundary name="The canvas" className="h-full items-center justify-center bg-canvas">
                <Canvas
                  isSnapping={isSnapping}
                  isPhone={isPhone}
                  mapHome={mapHome}
                  quickAddAt={quickAddAt}
                  onQuickAdd={setQuickAddAt}
                  onContextMenu={setMenuAt}
                />
              </PartBoundary>
              {isEmpty && <EmptyCanvas onQuickAdd={targets.quickAdd} onTemplates={() => void navigate('/templates')} />}
              <PartBoundary
                name="The summary of the run"
                className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-lg bg-raised shadow-popup"
              >
                <RunSummaryBar onOpen={() => setRunsOpen(true)} />
              </PartBoundary>
            </>
          ) : (
            <PartBoundary name="This run" resetKey={viewedRun} className="h-full items-center justify-center bg-canvas">
              <Suspense fallback={<div className="h-full bg-canvas" aria-busy="true" />}>
                <RunOverlay
                  runId={viewedRun}
                  onOpen={viewRun}
                  onClose={() => viewRun(null)}
                  onRestore={isPhone ? null : restore}
                />
              </Suspense>
            </PartBoundary>
          )}
        </main>
        <Suspense fallback={<aside aria-busy="true" className={panelClass} />}>
          {isInspecting && (
            <PartBoundary name="The inspector" resetKey={selectedNodes} className={panelClass}>
              <Inspector
                foot={setMapHome}
                isAwaited={isInspectorAwaited}
                onArrive={() => setIsInspectorAwaited(false)}
                onClose={() => setIsInspectorOpen(false)}
              />
            </PartBoundary>
          )}
          {areRunsOpen && (
            <PartBoundary name="The list of runs" className={panelClass}>
              <RunsPanel
                workflowId={workflow.id}
                viewedRun={viewedRun}
                onView={viewRun}
                onFollow={(runId) => {
                  session.live.follow(runId);
                  viewRun(null);
                }}
                onClose={() => setRunsOpen(false)}
              />
            </PartBoundary>
          )}
        </Suspense>
      </div>
      <PointMenu at={menuAt} entries={contextEntries(commands, selectedNodes.length)} onClose={() => setMenuAt(null)} />
      <PartBoundary
        name="This dialog"
        resetKey={dialog}
        className="fixed right-4 bottom-4 z-40 w-80 rounded-lg border border-line bg-raised shadow-popup"
      >
        <Suspense fallback={null}>
          <FromFirst need={dialog === 'commands'}>
            <CommandPalette open={dialog === 'commands'} commands={commands} onClose={() => setDialog(null)} />
          </FromFirst>
          <FromFirst need={dialog === 'shortcuts'}>
            <ShortcutsDialog open={dialog === 'shortcuts'} commands={commands} onClose={() => setDialog(null)} />
          </FromFirst>
          {dialog === 'plan' && (
            <PlanDialog workflowId={workflow.id} session={session} onClose={() => setDialog(null)} />
          )}
          <FromFirst need={isInConflict}>
            <ConflictDialog session={session} />
          </FromFirst>
        </Suspense>
      </PartBoundary>
    </div>
  );
}

/** Draws what is inside from the first time it is needed on, so that it can leave the screen by itself. */
function FromFirst({ need, children }: { need: boolean; children: ReactNode }) {
  const [wasNeeded, setWasNeeded] = useState(need);
  if (need && !wasNeeded) setWasNeeded(true);
  return wasNeeded ? children : null;
}

/** What a right click offers: commands by id, null draws a line. */
const nodeMenu = [
  'run-selected',
  'run-from',
  'run-to',
  null,
  'rename',
  'toggle-off',
  'duplicate',
  'group',
  'ungroup',
  'fit-selection',
  null,
  'delete',
];
const manyMenu = [
  'run-selected',
  'run-from',
  'run-to',
  null,
  'toggle-off',
  'duplicate',
  'group',
  'ungroup',
  null,
  'align-left',
  'align-top',
  'align-row',
  'align-column',
  null,
  'delete',
];
const paneMenu = ['quick-add', 'note', 'select-all', null, 'tidy', 'fit', 'snap', null, 'run-all', 'run-plan'];

function contextEntries(commands: readonly Command[], selectedCount: number): MenuEntries {
  const ids = selectedCount === 0 ? paneMenu : selectedCount === 1 ? nodeMenu : manyMenu;
  return ids.map((id) => {
    const command = id === null ? undefined : commands.find((candidate) => candidate.id === id);
    if (command === undefined) return null;
    return {
      label: command.title,
      disabled: command.isEnabled === false,
      isDanger: command.id === 'delete',
      onSelect: command.run,
      ...(command.keys !== undefined && { shortcut: command.keys.split(' ')[0]! }),
    };
  });
}
