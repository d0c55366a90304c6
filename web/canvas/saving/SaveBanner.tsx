import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { useApp } from '../../api/context.ts';
import { Button } from '../../ui/Button.tsx';
import type { EditSession } from '../session/edit-session.ts';

/** What somebody has to know about the state of their work, over the canvas: it is out of date, or part of it is not saved. */
export function SaveBanner({ session }: { session: EditSession }) {
  const { notify } = useApp();
  const { status, reason, isKept } = useStore(session.autosave.state);
  if (status === 'outdated') {
    const show = () =>
      session.autosave
        .takeTheirs()
        .catch((error: Error) => notify({ title: 'Not loaded', description: error.message, kind: 'error' }));
    return (
      <Banner
        action={
          <Button size="sm" onClick={() => void show()}>
            Load the latest version
          </Button>
        }
      >
        This workflow was changed in another tab or by someone else. You are looking at an older version.
      </Banner>
    );
  }
  if (status !== 'refused' && status !== 'partly') return null;
  return (
    <Banner action={null}>
      {status === 'partly' ? 'Everything is saved except: ' : 'Not saved: '}
      {reason}
      {isKept && ' Your changes are kept in this browser.'}
    </Banner>
  );
}

function Banner({ action, children }: { action: ReactNode; children: ReactNode }) {
  return (
    <div
      role="alert"
      className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-danger-soft px-4 py-1.5 text-xs text-danger"
    >
      <TriangleAlert size={14} className="shrink-0" aria-hidden />
      <p className="line-clamp-2 min-w-0 flex-1 break-words">{children}</p>
      {action}
    </div>
  );
}
