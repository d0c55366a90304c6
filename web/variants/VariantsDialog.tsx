import { FlaskConical, Play } from 'lucide-react';
import { useState } from 'react';
import { maxVariants } from '../../core/graph/variants.ts';
import { ApiError } from '../api/api-error.ts';
import { useApp } from '../api/context.ts';
import { useEnvironment, useWorkflow } from '../canvas/environment.ts';
import { useConnectedHandles, useNodeData } from '../canvas/node/use-node.ts';
import type { EditSession } from '../canvas/session/edit-session.ts';
import { indexNodes, nameOf } from '../graph/canvas-graph.ts';
import { infoOf } from '../graph/catalogue.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, NumberInput } from '../ui/Field.tsx';
import { countOf } from '../ui/format.ts';
import { AxisEditor } from './AxisEditor.tsx';
import { changesOf, isSeed, requestedChange, seedsFor, variedFieldsOf, type Axis, type Change } from './changes.ts';
import { VariantResults } from './VariantResults.tsx';

/** Whose nodes are tried with other settings. */
export interface VariantsDialogProps {
  readonly workflowId: number;
  readonly session: EditSession;
  onClose(): void;
}

/** What was tried last of a node: it can be looked at again for as long as the page is open. */
interface Tried {
  readonly runId: string;
  readonly changes: readonly Change[];
  /** Whether results are in the output cache: not where settings were tried several times. */
  readonly isCached: boolean;
}
const lastTried = new Map<string, Tried>();

/** Tries one node with several settings at once, without building anything, and shows what comes out beside each other. */
export function VariantsDialog({ workflowId, session, onClose }: VariantsDialogProps) {
  const { catalogue } = useEnvironment();
  const [nodeId] = useState(() => session.store.getState().selectedNodes[0] ?? '');
  const node = useWorkflow((state) => indexNodes(state.nodes).get(nodeId));
  const info = infoOf(catalogue, node);
  const key = `${workflowId} ${nodeId}`;
  const [tried, setTried] = useState(() => lastTried.get(key) ?? null);
  if (node === undefined || info === undefined) return null;
  const name = nameOf(node, info.title);
  const show = (next: Tried | null) => {
    if (next !== null) lastTried.set(key, next);
    setTried(next);
  };
  return (
    <Dialog
      open
      title={`Variants of ${name}`}
      width={tried === null ? 560 : 1_080}
      onClose={onClose}
      description={
        tried === null
          ? 'Choose what to vary. The node runs once for each combination; your workflow stays as it is.'
          : 'Keep one to put its settings into the node.'
      }
    >
      {tried === null ? (
        <Setup workflowId={workflowId} session={session} nodeId={nodeId} onStarted={show} />
      ) : (
        <VariantResults
          key={tried.runId}
          {...tried}
          name={name}
          info={info}
          nodeId={nodeId}
          session={session}
          onAgain={() => show(null)}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

interface SetupProps {
  readonly workflowId: number;
  readonly session: EditSession;
  readonly nodeId: string;
  onStarted(tried: Tried): void;
}

/** So many results are looked through at a glance. */
const usualCount = 4;

function Setup({ workflowId, session, nodeId, onStarted }: SetupProps) {
  const { api } = useApp();
  const { catalogue } = useEnvironment();
  const data = useNodeData(nodeId);
  const connected = useConnectedHandles(nodeId);
  const type = useWorkflow((state) => indexNodes(state.nodes).get(nodeId)?.type);
  const info = infoOf(catalogue, { type, data });
  const fields = info === undefined ? [] : variedFieldsOf(info, data, connected);
  const seed = fields.find(isSeed);
  const [axes, setAxes] = useState<readonly Axis[]>(() =>
    seed === undefined ? [] : [{ field: seed, values: seedsFor(seed, usualCount, Math.random) }],
  );
  const [times, setTimes] = useState(1);
  const [wrongTimes, setWrongTimes] = useState<string | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const changes = changesOf(axes, times);
  const isTooMany = changes.length > maxVariants;
  const others = fields.filter(({ name }) => axes.every(({ field }) => field.name !== name));

  const start = async () => {
    setIsStarting(true);
    setError(null);
    const variants = { nodeId, changes: changes.map(requestedChange) };
    try {
      await session.autosave.flush();
      const { version } = session.autosave.state.getState();
      // What is tried with settings of its own is kept in the cache, so that the chosen one need not be made again.
      const wanted = { version, variants, ...(times === 1 && { useCache: true }) };
      const run = await api.startRun(workflowId, wanted).catch((refused: unknown) => {
        // What comes before it never ran as it is now: then it runs, too.
        if (!(refused instanceof ApiError) || refused.code !== 'MISSING_UPSTREAM_OUTPUT') throw refused;
        return api.startRun(workflowId, { ...wanted, mode: 'to' });
      });
      onStarted({ runId: run.id, changes, isCached: times === 1 });
    } catch (refused) {
      setError(refused instanceof Error ? refused.message : String(refused));
      setIsStarting(false);
    }
  };
  return (
    <div className="flex flex-col gap-3 pb-2">
      {axes.map((axis) => (
        <AxisEditor
          key={axis.field.name}
          axis={axis}
          nodeId={nodeId}
          current={data[axis.field.name] ?? axis.field.defaultValue}
          onChange={(values) => setAxes(axes.map((each) => (each === axis ? { ...axis, values } : each)))}
          onRemove={() => setAxes(axes.filter((each) => each !== axis))}
        />
      ))}
      {others.length > 0 && (
        <div role="group" aria-label="Vary" className="flex flex-wrap items-center gap-1">
          <span className="mr-1 text-xs text-muted">Vary</span>
          {others.map((field) => (
            <Button
              key={field.name}
              size="sm"
              onClick={() => {
                const current = data[field.name] ?? field.defaultValue;
                const values = isSeed(field) ? seedsFor(field, usualCount, Math.random) : [current];
                setAxes([...axes, { field, values }]);
              }}
            >
              {field.title}
            </Button>
          ))}
        </div>
      )}
      <div className="w-40">
        <Field label="Times each" error={wrongTimes ?? undefined}>
          {({ id, describedBy, isInvalid }) => (
            <NumberInput
              id={id}
              aria-describedby={describedBy}
              aria-invalid={isInvalid}
              value={times}
              rules={{
                min: 1,
                max: maxVariants,
                isMinExcluded: false,
                isInteger: true,
                isExact: false,
                unit: undefined,
              }}
              onChange={(next) => typeof next === 'number' && setTimes(next)}
              onWords={setWrongTimes}
            />
          )}
        </Field>
      </div>
      {error !== null && (
        <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-xs text-danger">
          {error}
        </p>
      )}
      <div className="flex items-center justify-end gap-3">
        <span role="status" className={isTooMany ? 'text-xs text-danger' : 'text-xs text-muted'}>
          {isTooMany ? `More than ${maxVariants} at once are too many. Vary less.` : whatIsTried(axes, times)}
        </span>
        <Button variant="primary" disabled={isStarting || isTooMany || changes.length < 2} onClick={() => void start()}>
          {isStarting ? <FlaskConical size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          {isStarting ? 'Starting …' : `Try ${countOf(changes.length, 'variant')}`}
        </Button>
      </div>
    </div>
  );
}

/** "4 seeds × 2 models", so that nobody is surprised by the product. */
function whatIsTried(axes: readonly Axis[], times: number): string {
  const parts = axes
    .filter(({ values }) => values.length > 1)
    .map(({ field, values }) => `${field.title}: ${values.length}`);
  if (times > 1) parts.push(`${times} times each`);
  return parts.length === 0 ? 'Choose at least two values of something, or more times.' : parts.join(' × ');
}
