import { useQuery } from '@tanstack/react-query';
import { Play, Unlink } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useState, type ReactNode } from 'react';
import { useParams, useSearchParams } from 'react-router';
import type { SharedApp } from '../../core/api/links.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { ApiError } from '../api/api-error.ts';
import { useApp } from '../api/context.ts';
import { askedInputs } from '../canvas/running/input-form.ts';
import { nothingAsked } from '../app-page/empty-words.ts';
import { OwnRuns } from '../app-page/OwnRuns.tsx';
import { InputsForm } from '../canvas/running/InputsForm.tsx';
import { createInputStore } from '../canvas/running/kept-inputs.ts';
import { readFilesAt } from '../ui/app-address.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { countOf } from '../ui/format.ts';
import { sharedApi, type SharedApi } from './shared-api.ts';
import { SharedRunView } from './SharedRunView.tsx';

/** Nothing of a visitor is kept in the browser but what the server gave them. */
const noMemory = createInputStore(null, '', 0);

/** How often runs that are under way are asked for, beside the one that is shown. */
const askAgainMs = 5_000;

/** An app as whoever came by a link sees it: its form, what comes of it, and what they started before. */
export function SharedAppPage() {
  const { token = '' } = useParams();
  const { api } = useApp();
  const tools = useMemo(() => sharedApi(api, token), [api, token]);
  // Before anything asks for a file.
  useLayoutEffect(() => readFilesAt(tools.files), [tools]);
  const app = useQuery({ queryKey: ['shared', token], queryFn: () => tools.app(), retry: 1, retryDelay: 1_000 });
  const hasEnded = app.error instanceof ApiError && app.error.status === 404;
  return (
    <Frame title={app.data?.name ?? 'App'}>
      {app.data === undefined && app.error === null && <div className="skeleton h-64" />}
      {app.error !== null && !hasEnded && app.data === undefined && (
        <EmptyState
          icon={<Unlink size={20} aria-hidden />}
          title="The app could not be loaded"
          actions={<Button onClick={() => void app.refetch()}>Try again</Button>}
        >
          {app.error.message}
        </EmptyState>
      )}
      {(app.data !== undefined || hasEnded) && (
        <Shared
          token={token}
          tools={tools}
          app={hasEnded ? null : (app.data ?? null)}
          outputs={app.data?.outputs ?? {}}
        />
      )}
    </Frame>
  );
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main className="h-full overflow-y-auto bg-page">
      <div className="mx-auto max-w-280 px-6 py-6 max-sm:px-4 max-sm:py-4">{children}</div>
    </main>
  );
}

/**
 * `app` null: the link has ended, or was used up; what it gave may still be there for a while, under the titles of `outputs`
 * where those were known before.
 */
function Shared({
  token,
  tools,
  app,
  outputs,
}: {
  token: string;
  tools: SharedApi;
  app: SharedApp | null;
  outputs: SharedApp['outputs'];
}) {
  const { queries } = useApp();
  const [parameters, setParameters] = useSearchParams();
  const runId = parameters.get('run');
  const show = (id: string | null) => setParameters(id === null ? {} : { run: id });
  const runs = useQuery({
    queryKey: ['shared', token, 'runs'],
    queryFn: () => tools.runs(),
    retry: false,
    refetchInterval: ({ state }) =>
      state.data?.some(({ status }) => !isRunFinished(status)) === true ? askAgainMs : false,
  });
  const refresh = () => void queries.invalidateQueries({ queryKey: ['shared', token] });
  const shown = runId ?? (app === null ? (runs.data?.[0]?.id ?? null) : null);
  const results = (
    <div className="flex min-w-0 flex-col gap-6">
      {shown !== null && <SharedRunView key={shown} tools={tools} runId={shown} outputs={outputs} onOver={refresh} />}
      {runs.data !== undefined && runs.data.length > 0 && <OwnRuns runs={runs.data} shown={shown} onShow={show} />}
    </div>
  );
  if (app === null) {
    return (
      <>
        <EmptyState icon={<Unlink size={20} aria-hidden />} title="This link no longer works">
          It was mistyped, has expired, was turned off or is used up. Ask the person who sent it for a new one.
        </EmptyState>
        {results}
      </>
    );
  }
  return (
    <>
      <h1 className="text-xl font-semibold break-words">{app.name}</h1>
      <p className="mb-5 text-xs text-muted">{leftWords(app)}</p>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,24rem)_minmax(0,1fr)]">
        <SharedForm app={app} tools={tools} onStarted={(id) => (show(id), refresh())} />
        {results}
      </div>
    </>
  );
}

function SharedForm({ app, tools, onStarted }: { app: SharedApp; tools: SharedApi; onStarted(id: string): void }) {
  const { notify, createId } = useApp();
  const formId = useId();
  const [isStarting, setIsStarting] = useState(false);
  const asked = useMemo(() => askedInputs(app.inputs), [app.inputs]);
  const start = async (values: Readonly<Record<string, unknown>>, tell: (refusal: unknown) => boolean) => {
    setIsStarting(true);
    try {
      onStarted((await tools.start(values, createId())).id);
    } catch (refusal) {
      if (tell(refusal)) return;
      const description = refusal instanceof Error ? refusal.message : String(refusal);
      notify({ title: 'The run could not start', description, kind: 'error' });
    } finally {
      setIsStarting(false);
    }
  };
  return (
    <section aria-label="Inputs" className="rounded-xl border border-line bg-surface p-4">
      <InputsForm
        id={formId}
        asked={asked}
        kept={noMemory}
        isStarting={isStarting}
        emptyText={nothingAsked(false)}
        onRun={start}
      />
      <Button
        type="submit"
        form={formId}
        variant="primary"
        disabled={isStarting}
        className="mt-4 h-11 w-full text-base"
      >
        <Play size={16} aria-hidden fill="currentColor" /> Run
      </Button>
    </section>
  );
}

/** What is left of a link, in words. */
function leftWords({ runsLeft, expiresAt }: SharedApp): string {
  const runs = runsLeft === null ? '' : `${countOf(runsLeft, 'run')} left.`;
  const until =
    expiresAt === null
      ? ''
      : `This link works until ${new Date(expiresAt).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' })}.`;
  return [runs, until].filter(Boolean).join(' ');
}
