import { useQuery } from '@tanstack/react-query';
import { AppWindow, CalendarClock, Pencil, Play, Rows3, Share2 } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { namedWorkflowSchema, type NamedWorkflow } from '../../core/api/by-name.ts';
import { runDetailSchema } from '../../core/api/runs.ts';
import { allows } from '../../core/scope.ts';
import { queryKeys, useApp, useMe } from '../api/context.ts';
import { askedInputs } from '../canvas/running/input-form.ts';
import { InputsForm } from '../canvas/running/InputsForm.tsx';
import { keptInputsOf } from '../canvas/running/kept-inputs.ts';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { NotYours } from '../shell/NotYours.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { useItsWorkspace } from '../workspaces/use-its-workspace.ts';
import { lookingWords } from '../workspaces/looking-words.ts';
import { AppHistory } from './AppHistory.tsx';
import { AppRun } from './AppRun.tsx';
import { nothingAsked } from './empty-words.ts';

/** A published workflow as an app: a form, what comes of it, and what came of it before. Its graph is not shown. */
export function AppPage() {
  const { slug = '' } = useParams();
  const { api } = useApp();
  const { data: workflow, error } = useQuery({
    queryKey: ['app', slug],
    queryFn: () => api.request(`/api/w/${encodeURIComponent(slug)}`, { schema: namedWorkflowSchema }),
    retry: false,
  });
  useItsWorkspace(workflow?.workspaceId);
  if (error !== null) {
    return (
      <DeadEnd page="App" icon={<AppWindow size={20} aria-hidden />} title="This app could not be opened">
        <NotYours error={error} what="app" instead="ask them for the address that it has now." />
      </DeadEnd>
    );
  }
  if (workflow === undefined) {
    return (
      <PageFrame title="App">
        <div className="skeleton mb-4 h-10" />
        <div className="skeleton h-64" />
      </PageFrame>
    );
  }
  return <App key={workflow.workflowId} workflow={workflow} />;
}

function App({ workflow }: { workflow: NamedWorkflow }) {
  const { api, queries, notify, createId } = useApp();
  const { data: me } = useMe();
  const formId = useId();
  const [parameters, setParameters] = useSearchParams();
  const [isStarting, setIsStarting] = useState(false);
  const { slug, name, workflowId, inputs, role = 'admin' } = workflow;
  const mayRun = allows(role, 'runner');
  const runId = parameters.get('run');
  const asked = useMemo(() => askedInputs(inputs), [inputs]);
  const kept = useMemo(() => keptInputsOf(me?.id, workflowId), [me?.id, workflowId]);
  const show = (id: string | null) => setParameters(id === null ? {} : { run: id });
  const start = async (values: Readonly<Record<string, unknown>>, tell: (refusal: unknown) => boolean) => {
    setIsStarting(true);
    try {
      const run = await api.request(`/api/w/${slug}/run`, {
        method: 'POST',
        body: { inputs: values },
        headers: { 'idempotency-key': createId() },
        schema: runDetailSchema,
      });
      queries.setQueryData(queryKeys.run(run.id), run);
      void queries.invalidateQueries({ queryKey: queryKeys.runs(workflowId) });
      show(run.id);
    } catch (refusal) {
      if (tell(refusal)) return;
      const description = refusal instanceof Error ? refusal.message : String(refusal);
      notify({ title: 'The run could not start', description, kind: 'error' });
    } finally {
      setIsStarting(false);
    }
  };
  return (
    <PageFrame title={name}>
      <div className="mb-5 flex flex-wrap items-center gap-3">
        <h1 className="min-w-0 grow basis-full text-xl sm:basis-0 font-semibold break-words">{name}</h1>
        {allows(role, 'editor') && (
          <>
            <Link to={`/workflows/${workflowId}/links`} className={buttonClass('secondary', 'sm')}>
              <Share2 size={13} aria-hidden /> Share
            </Link>
            <Link to={`/workflows/${workflowId}/triggers`} className={buttonClass('ghost', 'sm')}>
              <CalendarClock size={13} aria-hidden /> Schedule
            </Link>
          </>
        )}
        {mayRun && (
          <Link to={`/workflows/${workflowId}/batches`} className={buttonClass('ghost', 'sm')}>
            <Rows3 size={13} aria-hidden /> Run many
          </Link>
        )}
        <Link to={`/workflows/${workflowId}`} className={buttonClass('ghost', 'sm')}>
          <Pencil size={13} aria-hidden /> {allows(role, 'editor') ? 'Edit the workflow' : 'Show the workflow'}
        </Link>
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,24rem)_minmax(0,1fr)]">
        <section aria-label="Inputs" className="rounded-xl border border-line bg-surface p-4">
          {/* Enter in a field would start it, too. */}
          <fieldset disabled={!mayRun} className="contents">
            <InputsForm
              id={formId}
              asked={asked}
              kept={kept}
              isStarting={isStarting}
              emptyText={nothingAsked(allows(role, 'editor'))}
              onRun={start}
            />
          </fieldset>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            disabled={isStarting || !mayRun}
            className="mt-4 h-11 w-full text-base"
          >
            <Play size={16} aria-hidden fill="currentColor" /> Run
          </Button>
          {!mayRun && (
            <p role="note" className="mt-2 text-xs text-muted">
              {lookingWords(role)}
            </p>
          )}
        </section>
        <div className="flex min-w-0 flex-col gap-6">
          {runId !== null && <AppRun key={runId} workflow={workflow} runId={runId} />}
          <AppHistory workflowId={workflowId} shown={runId} onShow={show} />
        </div>
      </div>
    </PageFrame>
  );
}
