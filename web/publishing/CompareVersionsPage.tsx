import { useQueries, useQuery } from '@tanstack/react-query';
import { ArrowLeftRight, Columns2, GitCompareArrows } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { compareGraphs, type EdgeChange, type FieldChange, type NodeChange } from '../../core/graph/compare.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { RunSummary } from '../../core/api/runs.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { buttonClass } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { changeLooks, changeWords, fieldText } from './change-words.ts';
import { ComparisonPicture } from './ComparisonPicture.tsx';
import { versionsApi } from './versions-api.ts';

/** One side: a published version, the draft, or what a run has executed. */
interface Side {
  readonly title: string;
  readonly note: string;
  readonly graph: Graph;
}

/** What differs between two versions of a workflow, its draft and what runs have executed: `?from=2&to=draft`, `run:ID`. */
export function CompareVersionsPage() {
  const { workflowId = '' } = useParams();
  const [parameters] = useSearchParams();
  const { api } = useApp();
  const { catalogue, error: noCatalogue } = useCatalogue();
  const id = Number(workflowId);
  const [from, to] = [parameters.get('from') ?? '1', parameters.get('to') ?? 'draft'];
  const load = async (which: string): Promise<Side> => {
    if (which === 'draft') {
      const { data } = await api.getWorkflow(id);
      return { title: 'Draft', note: '', graph: data };
    }
    const runId = /^run:(.+)$/.exec(which)?.[1];
    if (runId !== undefined) {
      const [run, graph] = await Promise.all([api.getRun(runId), api.getRunGraph(runId)]);
      return { title: `Run of ${new Date(run.createdAt).toLocaleString()}`, note: '', graph };
    }
    const { version, note, data } = await versionsApi(api).get(id, Number(which));
    return { title: `Version ${version}`, note, graph: data };
  };
  const [before, after] = useQueries({
    queries: [from, to].map((which) => ({
      queryKey: ['version-graph', id, which],
      queryFn: () => load(which),
      // A version stays as it is; a draft does not.
      staleTime: which === 'draft' ? 0 : Infinity,
      retry: false,
    })),
  });
  const error = before?.error ?? after?.error ?? noCatalogue;
  if (error) {
    return (
      <DeadEnd
        page="Compare versions"
        icon={<GitCompareArrows size={20} aria-hidden />}
        title="These versions could not be compared"
      >
        {error.message}
      </DeadEnd>
    );
  }
  return (
    <PageFrame title="Compare versions" isWide>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <h1 className="flex-1 text-base font-semibold">Compare versions</h1>
        <ResultsLink workflowId={id} sides={[from, to]} />
        <Link to={`/workflows/${id}/compare?from=${to}&to=${from}`} className={buttonClass()}>
          <ArrowLeftRight size={14} aria-hidden /> Swap
        </Link>
        <Link to={`/workflows/${id}`} className={buttonClass()}>
          Back to the workflow
        </Link>
      </div>
      {before?.data === undefined || after?.data === undefined || catalogue === undefined ? (
        <div className="skeleton h-80" />
      ) : (
        <Comparison key={`${from} ${to}`} before={before.data} after={after.data} catalogue={catalogue} />
      )}
    </PageFrame>
  );
}

/** So many runs are looked through for the last one of a version. */
const mostRuns = 100;

/** Leads to what both sides put out last, result by result: the run that is meant, or the last completed one of the version. */
function ResultsLink({ workflowId, sides }: { workflowId: number; sides: readonly [string, string] }) {
  const { api } = useApp();
  const runs = useQuery({
    queryKey: [...queryKeys.runs(workflowId), 'of-versions'],
    queryFn: () => api.listRuns(workflowId, { limit: mostRuns }),
  });
  const [left, right] = sides.map((which) => {
    const runId = /^run:(.+)$/.exec(which)?.[1];
    const version = which === 'draft' ? null : Number(which);
    const isOfSide = ({ workflowVersion, status }: RunSummary) => workflowVersion === version && status === 'COMPLETED';
    return runId ?? runs.data?.items.find(isOfSide)?.id ?? null;
  });
  if (runs.data === undefined) return null;
  if (left == null || right == null) {
    return <span className="text-xs text-faint">To compare results, run both once.</span>;
  }
  return (
    <Link to={`/runs/${left}/compare/${right}`} className={buttonClass()}>
      <Columns2 size={14} aria-hidden /> Compare results
    </Link>
  );
}

function Comparison({ before, after, catalogue }: { before: Side; after: Side; catalogue: Catalogue }) {
  const [selected, setSelected] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const comparison = useMemo(() => compareGraphs(before.graph, after.graph), [before.graph, after.graph]);
  const nameOf = (node: NodeChange) => nodeName(node, catalogue);
  const different = comparison.nodes.filter(({ change }) => change !== 'same');
  const edges = comparison.edges.filter(({ change }) => change !== 'same');
  useEffect(() => {
    if (selected === null) return;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-node]') ?? [])];
    rows.find(({ dataset }) => dataset['node'] === selected)?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <>
      <Summary nodes={comparison.nodes} edges={edges.length} />
      <div className="mb-4 h-[46vh] min-h-64 overflow-hidden rounded-xl border border-line">
        <ComparisonPicture
          before={before.graph}
          after={after.graph}
          comparison={comparison}
          catalogue={catalogue}
          selected={selected}
          nameOf={nameOf}
          onSelect={setSelected}
        />
      </div>
      <div className="rounded-xl border border-line bg-surface text-xs">
        <div className={cn(columns, 'border-b border-line max-sm:hidden')}>
          <span />
          {[before, after].map((side, index) => (
            <div key={index} className="min-w-0 px-4 py-3">
              <span className="block text-faint">{index === 0 ? 'Before' : 'After'}</span>
              <span className="font-medium">{side.title}</span>
              {side.note !== '' && <span className="block text-muted">{side.note}</span>}
            </div>
          ))}
        </div>
        {comparison.settings.length > 0 && (
          <section aria-label="Settings that differ" className="border-b border-line py-1.5">
            <h2 className="px-4 py-1 font-medium">Workflow settings</h2>
            <Fields fields={comparison.settings} sides={[before.title, after.title]} />
          </section>
        )}
        <ul ref={list} aria-label="Nodes that differ">
          {different.map((node) => (
            <li
              key={node.id}
              data-node={node.id}
              className={cn('border-b border-line py-1.5 last:border-0', selected === node.id && 'bg-raised')}
            >
              <NodeRow node={node} name={nameOf(node)} sides={[before.title, after.title]} />
            </li>
          ))}
        </ul>
        {edges.length > 0 && (
          <Connections edges={edges} before={before.graph} after={after.graph} catalogue={catalogue} />
        )}
        {different.length === 0 && edges.length === 0 && comparison.settings.length === 0 && (
          <p className="px-4 py-6 text-center text-muted">There is no difference.</p>
        )}
      </div>
    </>
  );
}

const columns = 'grid sm:grid-cols-[11rem_minmax(0,1fr)_minmax(0,1fr)]';

function Summary({ nodes, edges }: { nodes: readonly NodeChange[]; edges: number }) {
  const counts = (['added', 'removed', 'changed', 'moved'] as const).map((change) => ({
    change,
    count: nodes.filter((node) => node.change === change).length,
  }));
  return (
    <ul aria-label="Summary" className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {counts.map(({ change, count }) => (
        <li key={change} className="flex items-center gap-1.5">
          <span aria-hidden className="size-3 rounded-sm border-2" style={{ borderColor: changeLooks[change].color }} />
          {count} {changeLooks[change].word.toLowerCase()}
        </li>
      ))}
      <li className="text-muted">
        {edges} {edges === 1 ? 'connection differs' : 'connections differ'}
      </li>
    </ul>
  );
}

function NodeRow({ node, name, sides }: { node: NodeChange; name: string; sides: readonly [string, string] }) {
  return (
    <>
      <div className="flex items-baseline gap-2 px-4 py-1">
        <h2 className="font-medium break-words">{name}</h2>
        <span style={{ color: changeLooks[node.change].color }}>{changeWords(node)}</span>
      </div>
      <Fields fields={node.fields} sides={sides} />
    </>
  );
}

function Fields({ fields, sides }: { fields: readonly FieldChange[]; sides: readonly [string, string] }) {
  return fields.map((field) => (
    <div key={field.name} className={columns} data-field={field.name}>
      <span className="px-4 py-1 font-mono break-words text-muted">{field.name}</span>
      {[field.before, field.after].map((value, index) => (
        <div key={index} className="min-w-0 px-4 py-1">
          <span className="block text-faint sm:hidden">{sides[index]}</span>
          <FieldValue text={fieldText(value)} isAfter={index === 1} />
        </div>
      ))}
    </div>
  ));
}

function FieldValue({ text, isAfter }: { text: string | null; isAfter: boolean }) {
  if (text === null) return <span className="text-faint">not set</span>;
  return (
    <pre
      className={cn(
        'max-h-60 overflow-auto rounded-md border-l-2 bg-field px-2 py-1 font-mono break-words whitespace-pre-wrap',
        isAfter ? 'border-l-status-completed' : 'border-l-status-failed',
      )}
    >
      {text === '' ? ' ' : text}
    </pre>
  );
}

function Connections({
  edges,
  before,
  after,
  catalogue,
}: {
  edges: readonly EdgeChange[];
  before: Graph;
  after: Graph;
  catalogue: Catalogue;
}) {
  const names = new Map([...before.nodes, ...after.nodes].map((node) => [node.id, titleOf(node, catalogue)]));
  return (
    <section aria-label="Connections that differ" className="border-t border-line px-4 py-3">
      <h2 className="mb-1 font-medium">Connections</h2>
      <ul>
        {edges.map(({ edge, change }) => (
          <li key={`${change} ${edge.id}`}>
            <span style={{ color: changeLooks[change].color }}>
              {changeLooks[change].sign} {changeLooks[change].word}
            </span>{' '}
            {names.get(edge.source) ?? edge.source} ({edge.sourceHandle ?? 'output'}) →{' '}
            {names.get(edge.target) ?? edge.target} ({edge.targetHandle ?? 'input'})
          </li>
        ))}
      </ul>
    </section>
  );
}

function nodeName({ before, after }: NodeChange, catalogue: Catalogue): string {
  return titleOf((after ?? before)!, catalogue);
}

function titleOf({ type, data, id }: Graph['nodes'][number], catalogue: Catalogue): string {
  const { label } = data;
  return typeof label === 'string' && label.trim() !== '' ? label : (catalogue.get(type)?.title ?? `${type} ${id}`);
}
