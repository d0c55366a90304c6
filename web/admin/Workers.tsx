import { useQuery } from '@tanstack/react-query';
import { Server } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { WorkerInfo } from '../../core/api/admin.ts';
import { adminApi } from './admin-api.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { Button } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Time } from '../ui/Time.tsx';
import { refreshMs } from './refresh.ts';

/** Who works, and on what. */
export function Workers() {
  const { api, queries, notify } = useApp();
  const [draining, setDraining] = useState<WorkerInfo | null>(null);
  const { data, error, isPending } = useQuery({
    queryKey: queryKeys.workers,
    queryFn: () => adminApi(api).listWorkers(),
    refetchInterval: refreshMs,
  });
  return (
    <Section title="Workers" description="One row per worker process. A machine can run several.">
      {error !== null && <p className="text-danger">{error.message}</p>}
      {isPending && <div className="skeleton h-20" />}
      {data?.items.length === 0 && (
        <EmptyState icon={<Server size={20} aria-hidden />} title="No workers running">
          Runs wait until a worker starts.
        </EmptyState>
      )}
      <ul aria-label="Workers" className="flex flex-col gap-3">
        {data?.items.map((worker) => (
          <Worker key={worker.id} worker={worker} onDrain={() => setDraining(worker)} />
        ))}
      </ul>
      <ConfirmDialog
        open={draining !== null}
        title={`Drain the worker on ${draining?.hostname}?`}
        description="It takes no new work, finishes or hands back what it is running, and stays idle until it is restarted."
        confirmLabel="Drain"
        onClose={() => setDraining(null)}
        onConfirm={() => {
          if (draining === null) return;
          adminApi(api)
            .drainWorker(draining.id)
            .then(
              () => void queries.invalidateQueries({ queryKey: queryKeys.workers }),
              (failure: Error) => notify({ title: 'Not drained', description: failure.message, kind: 'error' }),
            );
        }}
      />
    </Section>
  );
}

type WorkerState = 'alive' | 'draining' | 'lost';

const states: Record<WorkerState, { label: string; dot: string }> = {
  alive: { label: 'Alive', dot: 'bg-status-completed' },
  draining: { label: 'Draining', dot: 'bg-status-running' },
  lost: { label: 'Lost', dot: 'bg-status-failed' },
};

function Worker({ worker, onDrain }: { worker: WorkerInfo; onDrain(): void }) {
  const state: WorkerState = !worker.alive ? 'lost' : worker.draining ? 'draining' : 'alive';
  const { label, dot } = states[state];
  const share = worker.concurrency === 0 ? 0 : Math.min(1, worker.running / worker.concurrency);
  return (
    <li data-worker={worker.id} data-worker-state={state} className="rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <span className="flex min-w-40 flex-1 items-center gap-2.5 max-sm:basis-3/5">
          <span aria-hidden className={cn('size-2.5 shrink-0 rounded-full', dot)} />
          <span className="min-w-0">
            <span className="block truncate font-medium">
              {worker.hostname} <span className="font-normal text-faint">process {worker.pid}</span>
            </span>
            <span className="block text-xs text-muted">
              {label} · heartbeat <Time at={worker.heartbeatAt} />
            </span>
          </span>
        </span>
        <Fact name="Version">{worker.version}</Fact>
        <Fact name="Pools">{worker.pools.join(', ')}</Fact>
        <Fact name="Started">
          <Time at={worker.startedAt} />
        </Fact>
        <span className="w-40 text-xs max-sm:order-3 max-sm:w-full">
          <span className="flex justify-between text-muted">
            Running
            <span className="text-ink">
              {worker.running} of {worker.concurrency}
            </span>
          </span>
          <span aria-hidden className="mt-1.5 block h-1.5 overflow-hidden rounded-full bg-pressed">
            <span className="block h-full rounded-full bg-status-running" style={{ width: `${share * 100}%` }} />
          </span>
        </span>
        <Button size="sm" className="max-sm:order-1" disabled={state !== 'alive'} onClick={onDrain}>
          Drain
        </Button>
      </div>
      {worker.attempts.length > 0 && (
        <ul aria-label={`Running on ${worker.hostname}`} className="mt-3 flex flex-col gap-1 border-t border-line pt-2">
          {worker.attempts.map((attempt) => (
            <li key={`${attempt.runId} ${attempt.nodeId}`} className="flex items-center gap-2 text-xs">
              <Link to={`/runs/${attempt.runId}`} className="min-w-0 truncate font-medium hover:underline">
                {attempt.nodeLabel ?? attempt.nodeId}
              </Link>
              <span className="text-faint">{attempt.nodeType}</span>
              {attempt.attempt > 1 && <span className="text-faint">attempt {attempt.attempt}</span>}
              <span className="flex-1" />
              {attempt.startedAt !== null && <Time at={attempt.startedAt} className="text-muted" />}
            </li>
          ))}
          {worker.running > worker.attempts.length && (
            <li className="text-xs text-faint">and {worker.running - worker.attempts.length} more</li>
          )}
        </ul>
      )}
    </li>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <span className="text-xs max-sm:order-2">
      <span className="block text-2xs text-faint">{name}</span>
      {children}
    </span>
  );
}
