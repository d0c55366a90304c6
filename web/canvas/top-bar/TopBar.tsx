import { ChevronDown, CircleStop, CloudOff, History, Play, Redo2, TriangleAlert, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { Workflow } from '../../../core/api/workflows.ts';
import { AppMenu, HomeLink } from '../../shell/AppMenu.tsx';
import { OptionalPart } from '../../shell/PartBoundary.tsx';
import type { SaveStatus } from '../../store/autosave.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { lazyPart } from '../../ui/lazy-part.ts';
import { Menu } from '../../ui/Menu.tsx';
import { Tooltip } from '../../ui/Tooltip.tsx';
import { CommandButton } from '../commands/CommandButton.tsx';
import { appMenu, menuEntries, runMenu } from '../commands/command-menu.ts';
import { useCommands, type Commands } from '../commands/commands.ts';
import { PublishControls } from '../editor/later.tsx';
import { ConnectionHint } from './ConnectionHint.tsx';
import { useEnvironment, useRuns } from '../environment.ts';
import type { EditSession } from '../session/edit-session.ts';

/** Where one is, whether it is saved, and the way to run it. */
export function TopBar({
  workflow,
  name,
  session,
  isPhone,
}: {
  workflow: Workflow;
  name: string;
  session: EditSession;
  isPhone: boolean;
}) {
  const commands = useCommands();
  const { mayEdit } = useEnvironment();
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2">
      <HomeLink />
      <span aria-hidden className="text-faint">
        /
      </span>
      <WorkflowName key={name} session={session} name={name} isReadOnly={isPhone || !mayEdit} />
      {!isPhone && mayEdit && <SaveIndicator session={session} />}
      <LiveHint session={session} isPhone={isPhone} />
      <Uploads />
      {!isPhone && mayEdit && (
        <div className="ml-1 flex">
          <CommandButton id="undo">
            <Undo2 size={16} />
          </CommandButton>
          <CommandButton id="redo">
            <Redo2 size={16} />
          </CommandButton>
        </div>
      )}
      <div className="flex-1" />
      {!isPhone && mayEdit && (
        <OptionalPart name="Publishing">
          <PublishControls workflow={workflow} session={session} />
        </OptionalPart>
      )}
      <RunControls commands={commands} isPhone={isPhone} />
      <CommandButton id="runs" label="Runs">
        <History size={16} />
      </CommandButton>
      <AppMenu entries={isPhone ? [] : menuEntries(commands, appMenu)} />
    </header>
  );
}

function WorkflowName({ session, name, isReadOnly }: { session: EditSession; name: string; isReadOnly: boolean }) {
  const [draft, setDraft] = useState(name);
  const save = () => {
    const next = draft.trim();
    if (next === '' || next === name) setDraft(name);
    else session.autosave.rename(next);
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
  offline: 'Offline, not saved yet',
  partly: 'Partly saved',
  refused: 'Not saved',
  outdated: 'Out of date',
  conflict: 'Changed elsewhere',
};

/** What becomes of changes that the server does not have. */
const keptText = 'Your changes are kept in this browser and sent as soon as the server can be reached.';
const lostText = 'This browser has no space left to keep your changes. Leave the page open until they are saved.';

function SaveIndicator({ session }: { session: EditSession }) {
  const { status, reason, isKept } = useStore(session.autosave.state);
  const connection = useRuns((state) => state.connection);
  const isTrouble = !['saved', 'dirty', 'saving'].includes(status);
  const text = saveTexts[status];
  const explanation = reason ?? (status === 'offline' ? (isKept ? keptText : lostText) : null);
  const label = (
    <span
      role="status"
      data-save={status}
      data-connection={connection}
      className={`flex items-center gap-1 text-xs whitespace-nowrap ${isTrouble ? 'text-danger' : 'text-faint'}`}
    >
      {status === 'offline' && <CloudOff size={13} aria-hidden />}
      {isTrouble && status !== 'offline' && <TriangleAlert size={13} aria-hidden />}
      {text}
    </span>
  );
  return explanation === null ? label : <Tooltip text={explanation} render={label} />;
}

const uploadsHint = lazyPart(() => import('./UploadsHint.tsx'), 'UploadsHint');

/** One file tells in its field how far it is. */
function Uploads() {
  const { uploads } = useEnvironment();
  const areMany = useStore(uploads.state, (state) => Object.keys(state).length > 1);
  return areMany ? (
    <OptionalPart name="The uploads">
      <uploadsHint.Component />
    </OptionalPart>
  ) : null;
}

function LiveHint({ session, isPhone }: { session: EditSession; isPhone: boolean }) {
  const connection = useRuns((state) => state.connection);
  const isTold = useStore(session.autosave.state, ({ status }) => status === 'offline') && !isPhone;
  return isTold ? null : <ConnectionHint connection={connection} />;
}

function RunControls({ commands, isPhone }: { commands: Commands; isPhone: boolean }) {
  const cancel = commands['run-cancel'];
  const runAll = commands['run-all'];
  const isOff = runAll.isEnabled === false;
  return (
    <div className="flex items-center gap-1.5">
      {cancel.isEnabled === true && (
        <Button aria-label={isPhone ? 'Cancel' : undefined} onClick={cancel.run}>
          <CircleStop size={14} aria-hidden /> {!isPhone && 'Cancel'}
        </Button>
      )}
      <div className="flex">
        <Button variant="primary" disabled={isOff} onClick={runAll.run} className={isPhone ? '' : 'rounded-r-none'}>
          <Play size={14} aria-hidden fill="currentColor" /> Run
        </Button>
        {!isPhone && (
          <Menu
            trigger={
              <IconButton
                label="More run options"
                disabled={isOff}
                variant="primary"
                className="w-7 rounded-l-none border-l border-on-accent/25"
              >
                <ChevronDown size={14} />
              </IconButton>
            }
            entries={menuEntries(commands, runMenu)}
          />
        )}
      </div>
    </div>
  );
}
