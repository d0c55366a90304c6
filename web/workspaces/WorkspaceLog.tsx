import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { AuditEntryRow } from '../audit/AuditEntryRow.tsx';
import { queryKeys, useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { addressOf } from '../ui/app-address.ts';
import { Button, buttonClass } from '../ui/Button.tsx';
import { workspacesApi } from './workspaces-api.ts';

/** What was done in a workspace, newest first: for its admins. */
export function WorkspaceLog({ workspaceId }: { workspaceId: string }) {
  const { api } = useApp();
  const log = useInfiniteQuery({
    queryKey: [...queryKeys.audit, workspaceId],
    queryFn: ({ pageParam }) => workspacesApi(api).audit(workspaceId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  return (
    <Section title="Audit log">
      <div className="mb-2 flex justify-end">
        <a
          href={addressOf(`/api/workspaces/${encodeURIComponent(workspaceId)}/audit/export?format=csv`)}
          download
          title="Save it as a table (CSV). The API also gives JSON lines."
          className={buttonClass()}
        >
          <Download size={14} aria-hidden /> Export
        </a>
      </div>
      {log.error !== null && <p className="text-danger">{log.error.message}</p>}
      {log.isPending && <div className="skeleton h-20" />}
      <ol aria-label="Audit log" className="flex flex-col">
        {log.data?.pages
          .flatMap(({ items }) => items)
          .map((entry) => (
            <AuditEntryRow key={entry.id} entry={entry} />
          ))}
      </ol>
      {log.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Load older entries
          </Button>
        </div>
      )}
    </Section>
  );
}
