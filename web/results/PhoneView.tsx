import { LayoutGrid, Workflow } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { useEditor } from '../canvas/editor/use-editor.ts';
import { useEnvironment, useShownRun } from '../canvas/environment.ts';
import { useCommands } from '../canvas/commands/commands.ts';
import { Button } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Pending } from './Pending.tsx';
import { ResultsPanel } from './ResultsPanel.tsx';
import { RunLists } from './RunLists.tsx';
import { questionsId, RunQuestions } from './RunQuestions.tsx';
import { RunSummary } from './RunSummary.tsx';
import type { ResultGroup } from './results.ts';
import { useResultGroups } from './use-results.ts';

const tabs = [
  { id: 'results', label: 'Results', Drawing: LayoutGrid },
  { id: 'graph', label: 'Graph', Drawing: Workflow },
] as const;

/** What a phone shows of a workflow: what it has put out, pictures before words, and its graph a tap away. */
export interface PhoneViewProps {
  onOpenRuns(): void;
  /** The graph, to be looked at. */
  readonly children: ReactNode;
}

/** The workflow on a phone: it can be run, answered, downloaded and shared; it is built on a larger screen. */
export function PhoneView({ onOpenRuns, children }: PhoneViewProps) {
  const [tab, setTab] = useState<(typeof tabs)[number]['id']>('results');
  return (
    <div className="flex h-full flex-col bg-canvas">
      <div className="min-h-0 flex-1 overflow-y-auto">
        {tab === 'graph' ? children : <Results onOpenRuns={onOpenRuns} onShowGraph={() => setTab('graph')} />}
      </div>
      <nav aria-label="Views" className="flex shrink-0 border-t border-line bg-surface">
        {tabs.map(({ id, label, Drawing }) => (
          <button
            key={id}
            type="button"
            aria-current={tab === id ? 'page' : undefined}
            onClick={() => setTab(id)}
            className={cn(
              'flex h-12 flex-1 items-center justify-center gap-2 text-sm',
              tab === id ? 'font-semibold text-ink' : 'text-muted',
            )}
          >
            <Drawing size={16} aria-hidden /> {label}
          </button>
        ))}
      </nav>
    </div>
  );
}

function Results({ onOpenRuns, onShowGraph }: { onOpenRuns(): void; onShowGraph(): void }) {
  const { session } = useEditor();
  const { store } = useEnvironment();
  const name = useStore(session.autosave.state, (state) => state.name);
  const hasRun = useShownRun() !== null;
  const runAll = useCommands()['run-all'];
  const found = useResultGroups();
  const groups = useMemo(() => found.toSorted((a, b) => rank(a) - rank(b)), [found]);
  if (!hasRun) {
    return (
      <EmptyState
        icon={<LayoutGrid size={20} aria-hidden />}
        title="Nothing here yet"
        actions={
          <Button variant="primary" disabled={runAll.isEnabled === false} onClick={runAll.run}>
            Run the workflow
          </Button>
        }
      >
        Its results appear here.
      </EmptyState>
    );
  }
  return (
    <>
      <RunQuestions />
      <RunLists />
      <ResultsPanel
        groups={groups}
        workflowName={name}
        layout="wall"
        isOpen
        before={<RunSummary onOpen={onOpenRuns} onQuestion={showQuestions} />}
        first={<Pending hasResults={groups.length > 0} onShowNode={onShowGraph} />}
        onShowNode={(nodeId) => {
          store.getState().selectNodes([nodeId]);
          onShowGraph();
        }}
      />
    </>
  );
}

/** They stand above the results. */
function showQuestions(): void {
  const first = document.querySelector(`#${questionsId}`);
  first?.scrollIntoView({ block: 'start' });
  first?.querySelector<HTMLElement>('button, input, textarea')?.focus({ preventScroll: true });
}

/** What is seen and heard, then words, then what people put in themselves. */
function rank({ results }: ResultGroup): number {
  if (results[0]?.isGiven === true) return 2;
  return results.some(({ asset }) => asset !== null) ? 0 : 1;
}
