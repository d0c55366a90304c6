import { Check, Columns2, ListPlus, Maximize2, RotateCcw } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { isRunFinished } from '../../core/run/status.ts';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { useApp } from '../api/context.ts';
import { EnvironmentContext, useEnvironment } from '../canvas/environment.ts';
import type { EditSession } from '../canvas/session/edit-session.ts';
import { drawnFieldsOf } from '../graph/form-fields.ts';
import { nodeStatusOf } from '../live/node-status.ts';
import { groupResults, type Result } from '../results/results.ts';
import { ResultContent } from '../results/ResultTile.tsx';
import { saveResults } from '../results/result-actions.ts';
import '../results/results.css';
import { useStars } from '../results/use-results.ts';
import { starKeyOf } from '../results/results.ts';
import { useRun, useShownRunSession, type LoadedRun } from '../runs/use-run.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { formatCost, formatDuration } from '../ui/format.ts';
import { lazyPart } from '../ui/lazy-part.ts';
import { StatusBadge } from '../ui/Status.tsx';
import { wordsOfChange, type Change } from './changes.ts';
import { keepVariant, makeList } from './keep.ts';

const lightbox = lazyPart(() => import('../results/Lightbox.tsx'), 'Lightbox');
const compare = lazyPart(() => import('../results/CompareResults.tsx'), 'CompareResults');

interface VariantResultsProps {
  readonly runId: string;
  readonly changes: readonly Change[];
  /** Whether the results are in the output cache. */
  readonly isCached: boolean;
  /** Of the node. */
  readonly name: string;
  readonly info: NodeTypeInfo;
  readonly nodeId: string;
  readonly session: EditSession;
  /** Back to what is varied. */
  onAgain(): void;
  onClose(): void;
}

/** What came out of each variant, with what it was made with. */
export function VariantResults(props: VariantResultsProps) {
  const { loaded, error } = useRun(props.runId);
  if (error !== null)
    return (
      <p role="alert" className="py-4 text-danger">
        {error.message}
      </p>
    );
  if (loaded === null) return <div className="skeleton h-64" aria-busy="true" />;
  return <LiveResults loaded={loaded} {...props} />;
}

const nothing = () => undefined;

function LiveResults({ loaded, ...props }: VariantResultsProps & { loaded: LoadedRun }) {
  const { environment, run, executions } = useShownRunSession(loaded, nothing);
  const { nodeIds } = run;
  const byNode = new Map(executions.map((execution) => [execution.nodeId, execution]));
  return (
    <EnvironmentContext value={environment}>
      <Grid
        {...props}
        isOver={isRunFinished(run.status)}
        executions={(nodeIds ?? []).map((id) => byNode.get(id))}
        reason={executions.find(({ status, nodeId }) => status === 'FAILED' && nodeIds?.includes(nodeId) !== true)}
      />
    </EnvironmentContext>
  );
}

type Executed = ReturnType<typeof useShownRunSession>['executions'][number];

interface GridProps extends VariantResultsProps {
  readonly isOver: boolean;
  /** Of the variants, in their order. */
  readonly executions: readonly (Executed | undefined)[];
  /** What failed before the node. */
  readonly reason: Executed | undefined;
}

function Grid({
  changes,
  isCached,
  executions,
  reason,
  isOver,
  name,
  info,
  nodeId,
  runId,
  session,
  onAgain,
  onClose,
}: GridProps) {
  const services = useApp();
  const { catalogue } = useEnvironment();
  const { stars, marked } = useStars();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [compared, setCompared] = useState<readonly Result[] | null>(null);
  const fields = useMemo(() => drawnFieldsOf(info), [info]);
  const results = executions.map((execution) =>
    execution === undefined ? [] : groupResults([execution], catalogue).flatMap((group) => group.results),
  );
  const all = results.flat();
  const selected = (chosen.size === 0 ? results : results.filter((_, index) => chosen.has(index))).flatMap(
    ([first]) => first ?? [],
  );
  const onDrop = useCallback(() => setOpenKey(null), []);
  const keep = (index: number) => {
    keepVariant({ session, services, nodeId, name, change: changes[index] ?? {}, number: index + 1, isCached });
    onClose();
  };
  const openIndex = all.findIndex(({ key }) => key === openKey);
  return (
    <div className="flex flex-col gap-3 pb-3">
      <div role="toolbar" aria-label="Variants" className="flex flex-wrap items-center gap-2">
        <span role="status" className="flex-1 text-xs text-muted">
          {executions.filter((each) => each?.status === 'COMPLETED').length} of {changes.length} done
          {chosen.size > 0 && `, ${chosen.size} selected`}
        </span>
        <Button size="sm" disabled={selected.length < 2 || selected.length > 6} onClick={() => setCompared(selected)}>
          <Columns2 size={13} aria-hidden /> Compare
        </Button>
        <Button
          size="sm"
          disabled={selected.length === 0}
          onClick={() => {
            makeList({ session, services, catalogue, nodeId, name, results: selected });
            onClose();
          }}
        >
          <ListPlus size={13} aria-hidden /> Make a list
        </Button>
        <Button size="sm" onClick={onAgain}>
          <RotateCcw size={13} aria-hidden /> Try others
        </Button>
      </div>
      {reason !== undefined && (
        <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-xs text-danger">
          {reason.nodeLabel ?? reason.nodeId} comes before it and failed: {reason.error}
        </p>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(230px,1fr))] gap-3">
        {changes.map((change, index) => {
          const execution = executions[index];
          const [first] = results[index] ?? [];
          const number = index + 1;
          return (
            <li
              // Variants keep their order.
              // eslint-disable-next-line react/no-array-index-key
              key={index}
              aria-label={`Variant ${number}`}
              className="flex min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-raised"
            >
              <div className="h-40 bg-field">
                {first === undefined ? (
                  <Missing execution={execution} isOver={isOver} />
                ) : (
                  <button
                    type="button"
                    className="block size-full overflow-hidden text-left"
                    onClick={() => setOpenKey(first.key)}
                  >
                    <span className="sr-only">Open variant {number}</span>
                    <span aria-hidden className="block size-full">
                      <ResultContent result={first} />
                    </span>
                  </button>
                )}
              </div>
              <dl className="flex flex-1 flex-col gap-0.5 px-3 pt-2 text-xs">
                {wordsOfChange(change, fields).map(([title, words]) => (
                  <div key={title} className="flex gap-2">
                    <dt className="shrink-0 text-faint">{title}</dt>
                    <dd className="line-clamp-2 min-w-0 break-words text-ink" title={words}>
                      {words}
                    </dd>
                  </div>
                ))}
              </dl>
              <Costs execution={execution} />
              <div className="flex items-center gap-1 p-2">
                <Button
                  size="sm"
                  disabled={execution?.status !== 'COMPLETED'}
                  aria-label={`Keep variant ${number}`}
                  onClick={() => keep(index)}
                >
                  <Check size={13} aria-hidden /> Keep
                </Button>
                <span className="flex-1" />
                {first !== undefined && (
                  <IconButton label={`Enlarge variant ${number}`} size="sm" onClick={() => setOpenKey(first.key)}>
                    <Maximize2 size={13} />
                  </IconButton>
                )}
                <label className="flex h-7 items-center gap-1.5 px-1 text-xs text-muted">
                  <input
                    type="checkbox"
                    className="accent-accent-text"
                    disabled={first === undefined}
                    aria-label={`Select variant ${number}`}
                    checked={chosen.has(index)}
                    onChange={() => {
                      const next = new Set(chosen);
                      if (!next.delete(index)) next.add(index);
                      setChosen(next);
                    }}
                  />
                  Select
                </label>
              </div>
            </li>
          );
        })}
      </ul>
      {openIndex !== -1 && (
        <lightbox.Component
          results={all}
          index={openIndex}
          marked={marked}
          actions={{
            star: (some) => stars.toggle(some.map(starKeyOf)),
            save: (some) => void saveResults(some, `${name} ${runId.slice(-8)}`),
            use: null,
          }}
          onIndex={(index) => setOpenKey(all[index]?.key ?? null)}
          onCompare={(some) => {
            onDrop();
            setCompared(some);
          }}
          onClose={onDrop}
        />
      )}
      {compared !== null && (
        <compare.Component results={compared} catalogue={catalogue} onClose={() => setCompared(null)} />
      )}
    </div>
  );
}

/** In place of a result: how far it is, or why there is none. */
function Missing({ execution, isOver }: { execution: Executed | undefined; isOver: boolean }) {
  const status = nodeStatusOf(execution);
  const error = execution?.error;
  return (
    <div className="flex size-full flex-col items-center justify-center gap-2 p-3 text-center">
      <StatusBadge status={status === 'completed' && isOver ? 'completed' : status} />
      {error != null && <p className="line-clamp-5 text-xs break-words text-danger">{error}</p>}
      {status === 'completed' && <p className="text-xs text-muted">It has no output that can be shown.</p>}
    </div>
  );
}

function Costs({ execution }: { execution: Executed | undefined }) {
  if (execution?.status !== 'COMPLETED') return null;
  const { duration, usage, cached } = execution;
  const parts = [
    cached ? 'reused' : duration === null ? null : formatDuration(duration),
    typeof usage?.costUsd === 'number' ? `about ${formatCost(usage.costUsd)}` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : <p className="px-3 pt-0.5 text-xs text-faint">{parts.join(', ')}</p>;
}
