import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ExternalLink, GitCompareArrows, History, MoreHorizontal, RotateCcw, Rocket, Share2, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import type { PublishedVersion } from '../../core/api/versions.ts';
import type { Workflow } from '../../core/api/workflows.ts';
import { ApiError } from '../api/api-error.ts';
import { useApp } from '../api/context.ts';
import type { EditSession } from '../canvas/session/edit-session.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Menu } from '../ui/Menu.tsx';
import { Time } from '../ui/Time.tsx';
import { SlugField } from './SlugField.tsx';
import { versionKeys, type Published } from './use-live.ts';
import { versionsApi } from './versions-api.ts';
import { messageOf } from '../ui/message-of.ts';

interface VersionsPanelProps {
  workflow: Workflow;
  session: EditSession;
  live: Published;
  onChanged(): void;
  onClose(): void;
}

/** The published versions, newest first, and the drafts that restored ones took the place of; over the side of the canvas. */
export function VersionsPanel({ workflow, session, live, onChanged, onClose }: VersionsPanelProps) {
  const { api, notify } = useApp();
  const navigate = useNavigate();
  const [isBusy, setIsBusy] = useState(false);
  const versions = useInfiniteQuery({
    queryKey: versionKeys.list(workflow.id),
    queryFn: ({ pageParam }) => versionsApi(api).list(workflow.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const drafts = useQuery({
    queryKey: versionKeys.drafts(workflow.id),
    queryFn: () => versionsApi(api).drafts(workflow.id),
  });
  const panel = useRef<HTMLElement>(null);
  // Whoever opened it goes on in it, and Escape leads out again.
  useEffect(() => panel.current?.focus(), []);

  const act = async (title: string, work: () => Promise<unknown>) => {
    if (isBusy) return;
    setIsBusy(true);
    try {
      await work();
      onChanged();
    } catch (error) {
      if (error instanceof ApiError && error.code === 'WORKFLOW_VERSION_CONFLICT') void session.autosave.hear(null);
      notify({ title, description: messageOf(error), kind: 'error' });
    } finally {
      setIsBusy(false);
    }
  };
  const setLive = (version: number) =>
    act('Not made live', async () => {
      await versionsApi(api).setLive(workflow.id, version);
      notify({ title: `Version ${version} is live`, kind: 'success' });
    });
  const restore = (name: string, from: { version: number } | { draftId: string }) =>
    act('Not restored', async () => {
      const { autosave } = session;
      // What is on the canvas is the draft that is kept.
      await autosave.flush();
      const { version: draftVersion } = autosave.state.getState();
      await versionsApi(api).restore(workflow.id, { ...from, draftVersion });
      await autosave.takeTheirs();
      notify({
        title: `${name} is on the canvas`,
        description: 'The draft that was there is kept under Versions. What is live stays as it is.',
        kind: 'success',
      });
    });
  const compare = async (from: string, to: string) => {
    await session.autosave.flush().catch(() => undefined);
    await navigate(`/workflows/${workflow.id}/compare?from=${from}&to=${to}`);
  };
  const entriesOf = ({ version, live: isLive }: PublishedVersion) => [
    {
      label: 'Make live',
      icon: <Rocket size={14} />,
      disabled: isBusy || isLive,
      onSelect: () => void setLive(version),
    },
    {
      label: 'Restore to the canvas',
      icon: <RotateCcw size={14} />,
      disabled: isBusy,
      onSelect: () => void restore(`Version ${version}`, { version }),
    },
    null,
    {
      label: 'Compare with the draft',
      icon: <GitCompareArrows size={14} />,
      onSelect: () => void compare(String(version), 'draft'),
    },
    {
      label: version === 1 ? 'Compare with the version before' : `Compare with version ${version - 1}`,
      icon: <GitCompareArrows size={14} />,
      disabled: version === 1,
      onSelect: () => void compare(String(version - 1), String(version)),
    },
  ];
  const closeOnEscape = (event: KeyboardEvent) => {
    // A menu takes its own.
    const isOfMenu = event.target instanceof Element && event.target.closest('[role="menu"]') !== null;
    if (event.key === 'Escape' && !isOfMenu && !event.defaultPrevented) onClose();
  };
  const items = versions.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label="Versions"
      onKeyDown={closeOnEscape}
      className="outline-none fixed top-12 right-0 bottom-0 z-30 flex w-80 flex-col border-l border-line bg-surface shadow-popup max-sm:w-full"
    >
      <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
        <h2 className="flex-1 font-semibold">Versions</h2>
        <IconButton label="Hide versions" onClick={onClose}>
          <X size={16} />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {live.slug !== null && (
          <div className="flex flex-col gap-3 border-b border-line px-4 py-3">
            <Link to={`/app/${live.slug}`} className="flex items-center gap-1.5 text-accent-text hover:underline">
              <ExternalLink size={13} aria-hidden /> Open the app
            </Link>
            <Link
              to={`/workflows/${workflow.id}/links`}
              className="flex items-center gap-1.5 text-accent-text hover:underline"
            >
              <Share2 size={13} aria-hidden /> Share with a link
            </Link>
            <SlugField workflowId={workflow.id} slug={live.slug} onChanged={onChanged} />
          </div>
        )}
        {versions.isPending && [0, 1, 2].map((row) => <div key={row} className="skeleton m-3 h-12" />)}
        {versions.error !== null && (
          <EmptyState
            icon={<History size={20} aria-hidden />}
            title="The versions could not be loaded"
            actions={<Button onClick={() => void versions.refetch()}>Try again</Button>}
          >
            {versions.error.message}
          </EmptyState>
        )}
        <ul aria-label="Published versions">
          {items.map((item) => (
            <li
              key={item.version}
              data-version={item.version}
              className="flex items-start gap-1 border-b border-line py-2.5 pr-1.5 pl-4"
            >
              <div className="min-w-0 flex-1">
                <h3 className="flex items-center gap-2 font-medium">
                  Version {item.version}
                  {item.live && (
                    <span className="rounded-full bg-status-completed/15 px-2 text-2xs text-status-completed">
                      live
                    </span>
                  )}
                </h3>
                {item.note !== '' && <p className="text-muted break-words whitespace-pre-wrap">{item.note}</p>}
                <p className="truncate text-xs text-faint">
                  <Time at={item.publishedAt} />, {item.publishedBy ?? 'an account that is gone'}
                </p>
              </div>
              <Menu
                trigger={
                  <IconButton label={`More for version ${item.version}`} size="sm">
                    <MoreHorizontal size={15} />
                  </IconButton>
                }
                entries={entriesOf(item)}
              />
            </li>
          ))}
        </ul>
        {versions.hasNextPage && (
          <div className="p-3 text-center">
            <Button size="sm" disabled={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
              Load older versions
            </Button>
          </div>
        )}
        {drafts.data !== undefined && drafts.data.length > 0 && (
          <section aria-label="Kept drafts" className="px-4 py-3">
            <h3 className="mb-1 text-xs font-medium text-muted">Drafts that were replaced</h3>
            <ul>
              {drafts.data.map((draft) => (
                <li key={draft.id} className="flex items-center gap-2 py-1">
                  <span className="min-w-0 flex-1 truncate text-xs text-faint">
                    <Time at={draft.keptAt} />, {draft.keptBy ?? 'an account that is gone'}
                  </span>
                  <Button
                    size="sm"
                    variant="ghost"
                    disabled={isBusy}
                    onClick={() => void restore('The replaced draft', { draftId: draft.id })}
                  >
                    Restore
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </aside>
  );
}
