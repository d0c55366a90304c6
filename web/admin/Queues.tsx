import { useQuery } from '@tanstack/react-query';
import { adminApi } from './admin-api.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { cn } from '../ui/cn.ts';
import { formatDuration } from '../ui/format.ts';
import { refreshMs } from './refresh.ts';
import { cell, Table } from './Table.tsx';

const number = `${cell} text-right`;

/** The states of jobs that an operator asks about, in the order of a job's life. */
const jobStates: readonly (readonly [state: string, title: string])[] = [
  ['waiting', 'Waiting'],
  ['active', 'Active'],
  ['delayed', 'Delayed'],
  ['waiting-children', 'Waiting for nodes'],
  ['failed', 'Failed'],
  ['completed', 'Completed'],
];

/** What waits, how long it waits, and what failed. */
export function Queues() {
  const { api } = useApp();
  const { data, error, isPending } = useQuery({
    queryKey: queryKeys.queues,
    queryFn: () => adminApi(api).listQueues(),
    refetchInterval: refreshMs,
  });
  const figures: [string, number, boolean][] =
    data === undefined
      ? []
      : [
          ['Runs started', data.lastHour.runs, false],
          ['Runs failed', data.lastHour.failedRuns, data.lastHour.failedRuns > 0],
          ['Nodes failed', data.lastHour.failedNodes, data.lastHour.failedNodes > 0],
        ];
  const states = jobStates.filter(([state]) => data?.jobs?.some(({ counts }) => counts[state] !== undefined));
  return (
    <>
      {error !== null && <p className="text-danger">{error.message}</p>}
      {isPending && <div className="skeleton h-40" />}
      {data !== undefined && (
        <>
          <Section title="Last hour">
            <dl className="grid grid-cols-3 gap-3">
              {figures.map(([name, value, isBad]) => (
                <div
                  key={name}
                  className="flex flex-col justify-between rounded-lg border border-line px-4 py-3 max-sm:px-3"
                >
                  <dt className="text-xs text-muted">{name}</dt>
                  <dd className={cn('text-xl font-semibold', isBad && 'text-danger')}>{value.toLocaleString()}</dd>
                </div>
              ))}
            </dl>
          </Section>
          <Section title="Work by pool" description="Node executions in Postgres.">
            <Table label="Work by pool" head={['Pool', '#Waiting', '#Waiting to retry', '#Running', '#Wait, p95']}>
              {data.pools.map((pool) => (
                <tr key={pool.pool} className="border-b border-line last:border-0">
                  <th scope="row" className={`${cell} font-medium`}>
                    {pool.pool}
                  </th>
                  <td className={number}>{pool.queued - pool.delayed}</td>
                  <td className={number}>{pool.delayed}</td>
                  <td className={number}>{pool.running}</td>
                  <td className={number}>{pool.waitP95Ms === null ? '–' : formatDuration(pool.waitP95Ms)}</td>
                </tr>
              ))}
            </Table>
          </Section>
          <Section
            title="Jobs by queue"
            description="Jobs in the queue. They only wake workers; Postgres decides what runs."
          >
            {data.jobs === null ? (
              <p className="text-danger">The queue is not responding. Runs continue as soon as it does.</p>
            ) : (
              <Table label="Jobs by queue" head={['Queue', ...states.map(([, title]) => `#${title}`)]}>
                {data.jobs.map(({ queue, counts }) => (
                  <tr key={queue} className="border-b border-line last:border-0">
                    <th scope="row" className={`${cell} font-medium`}>
                      {queue}
                    </th>
                    {states.map(([state]) => (
                      <td
                        key={state}
                        className={cn(number, state === 'failed' && (counts[state] ?? 0) > 0 && 'text-danger')}
                      >
                        {counts[state] ?? 0}
                      </td>
                    ))}
                  </tr>
                ))}
              </Table>
            )}
          </Section>
        </>
      )}
    </>
  );
}
