import { Rocket } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { Workflow } from '../../core/api/workflows.ts';
import type { EditSession } from '../canvas/session/edit-session.ts';
import { Button } from '../ui/Button.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { PublishDialog } from './PublishDialog.tsx';
import { useLive } from './use-live.ts';
import { VersionsPanel } from './VersionsPanel.tsx';

/** What is live of the open workflow, the way to its versions, and the way to make the draft the next one. */
export function PublishControls({ workflow, session }: { workflow: Workflow; session: EditSession }) {
  const { live, refresh } = useLive(workflow);
  const [open, setOpen] = useState<'publish' | 'versions' | null>(null);
  const draftVersion = useStore(session.autosave.state, ({ version }) => version);
  const isDirty = useStore(session.autosave.state, ({ status }) => status !== 'saved');
  const isChanged = live.liveVersion !== null && (isDirty || draftVersion !== live.liveDraftVersion);
  const close = () => setOpen(null);
  return (
    <div className="flex items-center gap-1.5">
      {live.liveVersion !== null && (
        <Tooltip
          text={isChanged ? 'The draft has changes that are not live' : 'The draft is what is live'}
          render={
            <Button
              size="sm"
              variant="ghost"
              aria-expanded={open === 'versions'}
              data-live={live.liveVersion}
              data-changed={isChanged}
              onClick={() => setOpen(open === 'versions' ? null : 'versions')}
            >
              <span
                aria-hidden
                className={`size-2 rounded-full ${isChanged ? 'border-2 border-status-completed' : 'bg-status-completed'}`}
              />
              Version {live.liveVersion} live
            </Button>
          }
        />
      )}
      <Button onClick={() => setOpen('publish')}>
        <Rocket size={14} aria-hidden /> Publish
      </Button>
      {open === 'publish' && (
        <PublishDialog workflow={workflow} session={session} live={live} onPublished={refresh} onClose={close} />
      )}
      {open === 'versions' && (
        <VersionsPanel workflow={workflow} session={session} live={live} onChanged={refresh} onClose={close} />
      )}
    </div>
  );
}
