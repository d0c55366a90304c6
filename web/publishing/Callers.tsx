import { useQuery } from '@tanstack/react-query';
import { useApp } from '../api/context.ts';
import { callsApi } from './calls-api.ts';

/** Who calls a workflow, where publishing it changes what they give or get; nothing else. */
export function Callers({ workflowId }: { workflowId: number }) {
  const { api } = useApp();
  const { data } = useQuery({
    queryKey: ['workflow-callers', workflowId],
    queryFn: () => callsApi(api).callers(workflowId),
    retry: false,
  });
  if (data === undefined || !data.contractChanges || data.items.length === 0) return null;
  return (
    <div className="rounded-md bg-accent-soft px-3 py-2 text-accent-text">
      <p>Its inputs or results have changed. These workflows call it:</p>
      <ul className="mt-1 list-disc pl-5">
        {data.items.map(({ id, name, versions }) => (
          <li key={id}>
            {name}{' '}
            {versions.includes('live') ? '(the new version from its next run on)' : `(version ${versions.join(', ')})`}
          </li>
        ))}
      </ul>
    </div>
  );
}
