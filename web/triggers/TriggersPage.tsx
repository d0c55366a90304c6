import { useQuery } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { Link, useParams } from 'react-router';
import { allows } from '../../core/scope.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { NotYours } from '../shell/NotYours.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { WaysBack } from '../shell/WaysBack.tsx';
import { AfterWorkflows } from './AfterWorkflows.tsx';
import { Callbacks } from './Callbacks.tsx';
import { NewFiles } from './NewFiles.tsx';
import { Schedules } from './Schedules.tsx';
import { triggersKey, useTriggerTools } from './use-triggers.ts';
import { Webhooks } from './Webhooks.tsx';
import { lookingWords } from '../workspaces/looking-words.ts';
import { useItsWorkspace } from '../workspaces/use-its-workspace.ts';
import { useRoleIn } from '../workspaces/use-workspaces.ts';

/** What starts a workflow by itself, and whom its runs are told to. */
export function TriggersPage() {
  const workflowId = Number(useParams()['workflowId']);
  const { api } = useApp();
  const tools = useTriggerTools(workflowId);
  const workflow = useQuery({
    queryKey: queryKeys.workflow(workflowId),
    queryFn: () => api.getWorkflow(workflowId),
    retry: false,
  });
  const triggers = useQuery({
    queryKey: [...triggersKey(workflowId), 'list'],
    queryFn: () => tools.api.list(workflowId),
    retry: false,
  });
  const asked = useQuery({
    queryKey: [...triggersKey(workflowId), 'interface'],
    queryFn: () => tools.api.interfaceOf(workflowId),
    retry: false,
  });
  useItsWorkspace(workflow.data?.workspaceId);
  const role = useRoleIn(workflow.data?.workspaceId);
  const [canChange, isAdmin] = [allows(role, 'editor'), allows(role, 'admin')];
  const error = workflow.error ?? triggers.error ?? asked.error;
  if (error !== null) {
    return (
      <DeadEnd page="Triggers" icon={<CalendarClock size={20} aria-hidden />} title="This page could not be opened">
        <NotYours error={error} what="workflow" instead="ask them for an export of it." />
      </DeadEnd>
    );
  }
  if (workflow.data === undefined || triggers.data === undefined || asked.data === undefined) {
    return (
      <PageFrame title="Triggers">
        <div role="status" aria-label="Loading" className="skeleton h-64" />
      </PageFrame>
    );
  }
  const parts = { workflowId, tools, canChange, inputs: asked.data.inputs };
  return (
    <PageFrame title={`Triggers of ${workflow.data.name}`}>
      <WaysBack workflow={workflow.data} />
      <div className="mb-5">
        <h1 className="text-lg font-semibold">Triggers</h1>
        <p className="text-muted">
          What starts{' '}
          <Link to={`/workflows/${workflowId}`} className="font-medium text-ink hover:underline">
            {workflow.data.name}
          </Link>{' '}
          by itself: what is live, or the draft where nothing was published.
        </p>
        {!canChange && <p className="mt-2 text-xs text-muted">{lookingWords(role)}</p>}
      </div>
      <div className="flex max-w-200 flex-col gap-5">
        <Schedules {...parts} items={triggers.data.filter((trigger) => trigger.kind === 'schedule')} />
        <Webhooks {...parts} items={triggers.data.filter((trigger) => trigger.kind === 'webhook')} />
        <AfterWorkflows {...parts} items={triggers.data.filter((trigger) => trigger.kind === 'workflow')} />
        <NewFiles
          {...parts}
          workspaceId={workflow.data.workspaceId}
          items={triggers.data.filter((trigger) => trigger.kind === 'file')}
        />
        <Callbacks workflowId={workflowId} tools={tools} canChange={isAdmin} />
      </div>
    </PageFrame>
  );
}
