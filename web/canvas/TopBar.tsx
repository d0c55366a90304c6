import { ChevronDown, CircleStop, CloudOff, History, Play, Redo2, TriangleAlert, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { isRunFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { AppMenu, HomeLink } from '../shell/AppMenu.tsx';
import type { SaveStatus } from '../store/autosave.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import type { Command } from './commands.ts';
import { ConnectionHint } from './ConnectionHint.tsx';
import { useRuns, useShownRun } from './environment.ts';
import type { WorkflowSession } from './workflow-session.ts';

interface TopBarProps {
  name: string;
  session: WorkflowSession;
  commands: readonly Command[];
  areRunsOpen: boolean;
  isPhone: boolean;
  onRename(name: string): void;
  onToggleRuns(): void;
}

/** Where one is, whether it is saved, and the way to run it. */
export function TopBar({ name, session, commands, areRunsOpen, isPhone, onRename, onToggleRuns }: TopBarProps) {
  const command = (id: string) => commands.find((candidate) => candidate.id === id)!;
  const undo = command('undo');
  const redo = command('redo');
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2">
      <HomeLink />
      <span aria-hidden className="text-faint">
        /
      </span>
      <WorkflowName session={session} name={name} isReadOnly={isPhone} onRename={onRename} />
      {!isPhone && <SaveIndicator session={session} />}
      <LiveHint session={session} isPhone={isPhone} />
      {!isPhone && (
        <div className="ml-1 flex">
          <IconButton label={undo.title} shortcut="Mod+Z" disabled={undo.isEnabled === false} onClick={undo.run}>
            <Undo2 size={16} />
          </IconButton>
          <IconButton label={redo.title} shortcut="Mod+Shift+Z" disabled={redo.isEnabled === false} onClick={redo.run}>
            <Redo2 size={16} />
          </IconButton>
        </div>
      )}
      <div className="flex-1" />
      <RunControls commands={commands} isPhone={isPhone} />
      <IconButton label="Runs" shortcut="R" isPressed={areRunsOpen} onClick={onToggleRuns}>
        <History size={16} />
      </IconButton>
      <AppMenu
        entries={
          isPhone
            ? []
            : ['commands', 'shortcuts', 'tidy', 'export'].map((id) => {
                const entry = command(id);
                return {
                  label: entry.title,
                  disabled: entry.isEnabled === false,
                  onSelect: entry.run,
                  ...(entry.keys !== undefined && { shortcut: entry.keys }),
                };
              })
        }
      />
    </header>
  );
}

function WorkflowName({
  session,
  name,
  isReadOnly,
  onRename,
}: {
  session: WorkflowSession;
  name: string;
  isReadOnly: boolean;
  onRename(name: string): void;
}) {
  const { queries, notify } = useApp();
  const [draft, setDraft] = useState(name);
  const save = () => {
    const next = draft.trim();
    if (next === '' || next === name) {
      setDraft(name);
      return;
    }
    onRename(next);
    session.autosave!.rename(next).then(
      () => void queries.invalidateQueries({ queryKey: queryKeys.workflows }),
      (error: Error) => notify({ title: 'The name was not saved', description: error.message, kind: 'error' }),
    );
  };
  return (
    <input
      aria-label="Name of the workflow"
      value={draft}
      readOnly={isReadOnly}
      maxLength={255}
      // Grows with the name; 30 characters and then it scrolls.
      size={Math.min(30, Math.max(8, draft.length))}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setDraft(name);
      }}
      className="h-8 min-w-0 truncate rounded-md bg-transparent px-1.5 font-semibold hover:bg-hover focus:bg-field"
    />
  );
}

const saveTexts: Record<SaveStatus, string> = {
  saved: 'Saved',
  dirty: 'Saving …',
  saving: 'Saving …',
  offline: 'Offline: not saved yet',
  conflict: 'Changed elsewhere',
  refused: 'Not saved',
};

function SaveIndicator({ session }: { session: WorkflowSession }) {
  const status = useStore(session.autosave!.state, (state) => state.status);
  const reason = useStore(session.autosave!.state, (state) => state.reason);
  const connection = useRuns((state) => state.connection);
  const isTrouble = status === 'offline' || status === 'conflict' || status === 'refused';
  const text = saveTexts[status];
  const label = (
    <span
      role="status"
      data-save={status}
      data-connection={connection}
      className={`flex items-center gap-1 text-xs whitespace-nowrap ${isTrouble ? 'text-danger' : 'text-faint'}`}
    >
      {status === 'offline' && <CloudOff size={13} aria-hidden />}
      {(status === 'refused' || status === 'conflict') && <TriangleAlert size={13} aria-hidden />}
      {text}
    </span>
  );
  return reason === null ? label : <Tooltip text={reason} render={label} />;
}

function LiveHint({ session, isPhone }: { session: WorkflowSession; isPhone: boolean }) {
  const connection = useRuns((state) => state.connection);
  const isTold = useStore(session.autosave!.state, ({ status }) => status === 'offline') && !isPhone;
  return isTold ? null : <ConnectionHint connection={connection} />;
}

function RunControls({ commands, isPhone }: { commands: readonly Command[]; isPhone: boolean }) {
  const run = useShownRun();
  const command = (id: string) => commands.find((candidate) => candidate.id === id)!;
  const cancel = command('run-cancel');
  const runAll = command('run-all');
  const isRunning = run !== null && !isRunFinished(run.status);
  return (
    <div className="flex items-center gap-1.5">
      {isRunning && (
        <Button onClick={cancel.run}>
          <CircleStop size={14} aria-hidden /> Cancel
        </Button>
      )}
      {!isPhone && (
        <div className="flex">
          <Button
            variant="primary"
            disabled={runAll.isEnabled === false}
            onClick={runAll.run}
            className="rounded-r-none"
          >
            <Play size={14} aria-hidden fill="currentColor" /> Run
          </Button>
          <Menu
            trigger={
              <IconButton
                label="More ways to run"
                disabled={runAll.isEnabled === false}
                variant="primary"
                className="w-7 rounded-l-none border-l border-on-accent/25"
              >
                <ChevronDown size={14} />
              </IconButton>
            }
            entries={['run-all', 'run-selected', 'run-from', 'run-to', null, 'run-plan'].map((id) => {
              if (id === null) return null;
              const entry = command(id);
              return {
                label: entry.title,
                disabled: entry.isEnabled === false,
                onSelect: entry.run,
                ...(entry.keys !== undefined && { shortcut: entry.keys }),
              };
            })}
          />
        </div>
      )}
    </div>
  );
}
