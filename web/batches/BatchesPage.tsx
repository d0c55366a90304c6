import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ArrowLeft, Rows3 } from 'lucide-react';
import { useMemo } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { Batch } from '../../core/api/batches.ts';
import { allows } from '../../core/scope.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { NotYours } from '../shell/NotYours.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { WaysBack } from '../shell/WaysBack.tsx';
import { Button } from '../ui/Button.tsx';
import { StatusIcon } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { progressOf, statusOf } from './batch-words.ts';
import { BatchView } from './BatchView.tsx';
import { askAgainMs, batchesApi, batchesKey, type BatchesApi } from './batches-api.ts';
import { NewBatch } from './NewBatch.tsx';
import { lookingWords } from '../workspaces/looking-words.ts';
import { useItsWorkspace } from '../workspaces/use-its-workspace.ts';
import { useRoleIn } from '../workspaces/use-workspaces.ts';

/** The batches of a workflow: a new one, those that there are, and one of them with its rows. */
export function BatchesPage() {
  const workflowId = Number(useParams()['workflowId']);
  const [parameters, setParameters] = useSearchParams();
  const { api } = useApp();
  const tools = useMemo(() => batchesApi(api), [api]);
  const workflow = useQuery({
    queryKey: queryKeys.workflow(workflowId),
    queryFn: () => api.getWorkflow(workflowId),
    retry: false,
  });
  const asked = useQuery({
    queryKey: [...batchesKey(workflowId), 'interface'],
    queryFn: () => tools.interfaceOf(workflowId),
    retry: false,
  });
  useItsWorkspace(workflow.data?.workspaceId);
  const role = useRoleIn(workflow.data?.workspaceId);
  const canChange = allows(role, 'runner');
  const error = workflow.error ?? asked.error;
  if (error !== null) {
    return (
      <DeadEnd page="Batches" icon={<Rows3 size={20} aria-hidden />} title="This page could not be opened">
        <NotYours error={error} what="workflow" instead="ask them for an export of it." />
      </DeadEnd>
    );
  }
  if (workflow.data === undefined || asked.data === undefined) {
    return (
      <PageFrame title="Batches">
        <div role="status" aria-label="Loading" className="skeleton h-64" />
      </PageFrame>
    );
  }
  const shown = parameters.get('batch');
  const show = (id: string | null) => setParameters(id === null ? {} : { batch: id });
  return (
    <PageFrame title={`Batches of ${workflow.data.name}`}>
      <WaysBack workflow={workflow.data} />
      <div className="mb-5">
        <h1 className="text-lg font-semibold">Batches</h1>
        <p className="text-muted">
          Many runs of{' '}
          <Link to={`/workflows/${workflowId}`} className="font-medium text-ink hover:underline">
            {workflow.data.name}
          </Link>
          , as it is when the batch starts: what is live, or the draft where nothing was published.
        </p>
        {!canChange && <p className="mt-2 text-xs text-muted">{lookingWords(role)}</p>}
      </div>
      <div className="flex max-w-240 flex-col gap-5">
        {shown === null ? (
          <>
            {canChange && (
              <NewBatch workflowId={workflowId} inputs={asked.data.inputs} tools={tools} onStarted={show} />
            )}
            <BatchList workflowId={workflowId} tools={tools} onShow={show} />
          </>
        ) : (
          <>
            <div>
              <Button size="sm" variant="ghost" onClick={() => show(null)}>
                <ArrowLeft size={13} aria-hidden /> All batches
              </Button>
            </div>
            <BatchView key={shown} id={shown} tools={tools} canChange={canChange} onDeleted={() => show(null)} />
          </>
        )}
      </div>
    </PageFrame>
  );
}

function BatchList({ workflowId, tools, onShow }: { workflowId: number; tools: BatchesApi; onShow(id: string): void }) {
  const batches = useInfiniteQuery({
    queryKey: [...batchesKey(workflowId), 'list'],
    queryFn: ({ pageParam }) => tools.list(workflowId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(({ finishedAt }) => finishedAt === null)) === true
        ? askAgainMs
        : false,
  });
  const items = batches.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="Earlier batches">
      {batches.error !== null && <p className="text-danger">{batches.error.message}</p>}
      {batches.isSuccess && items.length === 0 && <p className="text-muted">No batches yet.</p>}
      <ul aria-label="Batches" className="flex flex-col">
        {items.map((batch) => (
          <BatchItem key={batch.id} batch={batch} onShow={onShow} />
        ))}
      </ul>
      {batches.hasNextPage && (
        <div className="pt-3 text-center">
          <Button size="sm" disabled={batches.isFetchingNextPage} onClick={() => void batches.fetchNextPage()}>
            Load older batches
          </Button>
        </div>
      )}
    </Section>
  );
}

function BatchItem({ batch, onShow }: { batch: Batch; onShow(id: string): void }) {
  return (
    <li className="border-t border-line first:border-0">
      <button
        type="button"
        onClick={() => onShow(batch.id)}
        className="flex min-h-11 w-full flex-wrap items-center gap-x-2.5 gap-y-0.5 rounded-md px-1 py-2 text-left hover:bg-hover"
      >
        <StatusIcon status={statusOf(batch)} size={15} />
        <span className="min-w-0 flex-1 truncate font-medium">{batch.name ?? 'Batch'}</span>
        <span className="text-xs text-muted">{progressOf(batch)}</span>
        <span className="text-xs text-faint">
          <Time at={batch.createdAt} />, {batch.startedBy}
        </span>
      </button>
    </li>
  );
}
