import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Download, ScrollText } from 'lucide-react';
import { useState } from 'react';
import { auditActions } from '../../core/api/audit.ts';
import { adminApi } from '../admin/admin-api.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { addressOf } from '../ui/app-address.ts';
import { AuditEntryRow } from './AuditEntryRow.tsx';
import { auditTitle } from './audit-words.ts';

const everything = 'all';

/** Who did what, newest first: for owners. */
export function AuditPage() {
  const { api } = useApp();
  const [action, setAction] = useState(everything);
  const [search, setSearch] = useState('');
  const log = useInfiniteQuery({
    queryKey: [...queryKeys.audit, action, search],
    queryFn: ({ pageParam }) =>
      adminApi(api).listAudit({
        ...(action !== everything && { action }),
        ...(search !== '' && { search }),
        ...(pageParam !== null && { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    // What is listed stays until what is searched for is there.
    placeholderData: keepPreviousData,
  });
  const entries = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <PageFrame title="Audit log">
      <div className="mb-5 flex items-end justify-between gap-3 max-sm:flex-col max-sm:items-stretch">
        <h1 className="text-lg font-semibold">Audit log</h1>
        <div className="flex gap-2 max-sm:grid max-sm:grid-cols-[1fr_auto] max-sm:*:first:col-span-2">
          <Field label="Person or object" isLabelHidden>
            {({ id }) => (
              <TextInput
                id={id}
                type="search"
                placeholder="Person or object"
                maxLength={255}
                value={search}
                onChange={(event) => setSearch(event.target.value)}
              />
            )}
          </Field>
          <Select
            label="Action"
            value={action}
            groups={[
              {
                options: [
                  { value: everything, label: 'All actions' },
                  ...auditActions.map((value) => ({ value, label: auditTitle(value) })),
                ],
              },
            ]}
            width="w-56 max-sm:w-full"
            onChange={setAction}
          />
          <a
            href={addressOf(`/api/admin/audit/export?${fileQuery(action, search)}`)}
            download
            title="Save what is listed here as a table (CSV). The API also gives JSON lines."
            className={buttonClass()}
          >
            <Download size={14} aria-hidden /> Export
          </a>
        </div>
      </div>
      {log.error !== null && <p className="text-danger">{log.error.message}</p>}
      {log.isPending && <div className="skeleton h-40" />}
      {log.isSuccess && entries.length === 0 && (
        <EmptyState icon={<ScrollText size={20} />} title="No entries">
          No entry matches your filters.
        </EmptyState>
      )}
      <ol aria-label="Audit log" className="flex flex-col">
        {entries.map((entry) => (
          <AuditEntryRow key={entry.id} entry={entry} />
        ))}
      </ol>
      {log.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {log.isFetchingNextPage ? 'Loading …' : 'Load older entries'}
          </Button>
        </div>
      )}
    </PageFrame>
  );
}

function fileQuery(action: string, search: string): URLSearchParams {
  return new URLSearchParams({
    format: 'csv',
    ...(action !== everything && { action }),
    ...(search !== '' && { search }),
  });
}
