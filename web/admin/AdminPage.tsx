import { useQuery } from '@tanstack/react-query';
import { queryKeys, useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { cn } from '../ui/cn.ts';
import { formatDuration } from '../ui/format.ts';
import { Time } from '../ui/Time.tsx';

/** Workers come and go within seconds; two seconds is what a person notices. */
const refreshMs = 2_000;

const cell = 'px-3 py-2 whitespace-nowrap';

/** Who works, and what waits. */
export function AdminPage() {
  const { api } = useApp();
  const workers = useQuery({
    queryKey: queryKeys.workers,
    queryFn: () => api.listWorkers(),
    refetchInterval: refreshMs,
  });
  const queues = useQuery({ queryKey: queryKeys.queues, queryFn: () => api.listQueues(), refetchInterval: refreshMs });
  return (
    <PageFrame title="Workers and queues">
      <h1 className="mb-5 text-lg font-semibold">Workers and queues</h1>
      <div className="flex flex-col gap-6">
        <Section title="Workers">
          {workers.error !== null && <p className="text-danger">{workers.error.message}</p>}
          <Table
            label="Workers"
            head={['State', 'Host', 'Process', 'Version', 'Pools', 'Running', 'Heartbeat', 'Started']}
          >
            {workers.data?.items.map((worker) => {
              const state = !worker.alive ? 'Lost' : worker.draining ? 'Draining' : 'Alive';
              return (
                <tr key={worker.id} className="border-b border-line last:border-0">
                  <td className={cell}>
                    <span className="flex items-center gap-2">
                      <span
                        aria-hidden
                        className={cn(
                          'size-2 rounded-full',
                          state === 'Alive'
                            ? 'bg-status-completed'
                            : state === 'Lost'
                              ? 'bg-status-failed'
                              : 'bg-status-running',
                        )}
                      />
                      {state}
                    </span>
                  </td>
                  <td className={cell}>{worker.hostname}</td>
                  <td className={cell}>{worker.pid}</td>
                  <td className={cell}>{worker.version}</td>
                  <td className={cell}>{worker.pools.join(', ')}</td>
                  <td className={cell}>
                    {worker.running} of {worker.concurrency}
                  </td>
                  <td className={cell}>
                    <Time at={worker.heartbeatAt} />
                  </td>
                  <td className={cell}>
                    <Time at={worker.startedAt} />
                  </td>
                </tr>
              );
            })}
          </Table>
          {workers.data?.items.length === 0 && (
            <p className="py-2 text-muted">No worker runs. Runs wait until one is started.</p>
          )}
        </Section>
        <Section title="Queues" description="What Postgres knows: node executions by pool.">
          {queues.error !== null && <p className="text-danger">{queues.error.message}</p>}
          <Table label="Queues" head={['Pool', 'Waiting', 'Waiting to retry', 'Running', 'Wait (95 %)']}>
            {queues.data?.pools.map((pool) => (
              <tr key={pool.pool} className="border-b border-line last:border-0">
                <td className={cell}>{pool.pool}</td>
                <td className={cell}>{pool.queued}</td>
                <td className={cell}>{pool.delayed}</td>
                <td className={cell}>{pool.running}</td>
                <td className={cell}>{pool.waitP95Ms === null ? '–' : formatDuration(pool.waitP95Ms)}</td>
              </tr>
            ))}
          </Table>
          {queues.data !== undefined &&
            (queues.data.jobs === null ? (
              <p className="mt-3 text-danger">The queue does not answer. Runs go on as soon as it does.</p>
            ) : (
              <ul aria-label="Jobs" className="mt-4 flex flex-col gap-1 text-xs text-muted">
                {queues.data.jobs.map(({ queue, counts }) => (
                  <li key={queue}>
                    <span className="font-medium text-ink">{queue}</span>{' '}
                    {Object.entries(counts)
                      .filter(([, count]) => count > 0)
                      .map(([state, count]) => `${count} ${state}`)
                      .join(', ') || 'no jobs'}
                  </li>
                ))}
              </ul>
            ))}
        </Section>
      </div>
    </PageFrame>
  );
}

function Table({ label, head, children }: { label: string; head: readonly string[]; children: React.ReactNode }) {
  return (
    <div className="-mx-2 overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full text-left text-xs">
        <thead className="text-2xs text-faint">
          <tr className="border-b border-line">
            {head.map((title) => (
              <th key={title} className={`${cell} font-medium`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
