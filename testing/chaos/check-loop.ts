import { canonicalJson } from '../../core/graph/canonical-json.ts';
import type { Region } from '../../core/graph/regions.ts';
import type { NodeOutputs, OutputValue } from '../../core/node-type/values.ts';
import { collectLaps, loopOutputs } from '../../core/run/region.ts';
import { checkSkipped, isSettledIn } from './check-region.ts';
import { isExcused } from './excused.ts';
import type { HistoryRun } from './history.ts';
import type { CheckNested, ScopeView } from './scope.ts';

type Loop = Region & { readonly loop: NonNullable<Region['loop']> };

/** What a loop came to: its laps, whether the last one failed, and whether it is the last. */
interface Laps {
  readonly given: ReadonlyMap<number, { readonly output: OutputValue; readonly isLast: boolean }>;
  readonly isFailed: boolean;
  readonly isOver: boolean;
  readonly excused: number;
}

/** Works out what must have come of a loop, lap by lap. Returns how many nodes faults brought down. */
export function checkLoop(view: ScopeView, region: Loop, checkScope: CheckNested): number {
  const { structure, rows, evidence, complain, isCancelled, run, valueOf } = view;
  const driver = rows.get(region.driver)!;
  const parts = evidence.parts.get(driver.id) ?? [];
  const own = new Set(region.nodes);
  const outer = region.nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  const first = outer.find(({ target }) => target === region.driver)!;
  const reach = !outer.every((edge) => isSettledIn(view, edge))
    ? 'lost'
    : valueOf(first) === undefined
      ? 'untaken'
      : 'runs';
  if (reach !== 'runs') {
    if (parts.length > 0) complain(`${region.driver}: ${parts.length} laps, and no value`);
    if (!isCancelled) checkSkipped(view, region.nodes, reach);
    return 0;
  }
  const laps = checkLaps(view, region, valueOf(first)!, checkScope);
  if (isCancelled) return laps.excused;

  const { end } = region.loop;
  const isHandled = view.handling.has(end);
  if (laps.isFailed && !isHandled) {
    if (driver.status !== 'FAILED' || driver.errorCode !== 'LAP_FAILED')
      complain(`${region.driver}: ${driver.status} (${driver.errorCode}), and a lap failed`);
    checkSkipped(view, region.nodes.slice(1), 'lost');
    return laps.excused;
  }
  if (isExcused(driver, 'COMPLETED', run)) {
    checkSkipped(view, region.nodes.slice(1), 'lost');
    return laps.excused + 1;
  }
  if (!laps.isFailed && !laps.isOver) complain(`${region.driver}: ended after lap ${parts.length}, too early`);
  let { excused } = laps;
  const result = collectLaps(laps.given, parts.length);
  for (const nodeId of region.nodes) {
    const row = rows.get(nodeId)!;
    // Without a value of the first lap there is none of the loop.
    const isToFail = nodeId === end && (laps.isFailed || result === null);
    if (isExcused(row, isToFail ? 'FAILED' : 'COMPLETED', run)) excused += 1;
    else if (isToFail) {
      if (row.status !== 'FAILED' || row.errorCode !== 'LAP_FAILED')
        complain(`${nodeId}: ${row.status} (${row.errorCode}), and there is no value`);
    } else if (row.status !== 'COMPLETED') complain(`${nodeId}: ${row.status} (${row.errorCode})`);
    else {
      const { value, laps: all, ended } = loopOutputs;
      const expected: NodeOutputs =
        nodeId === end
          ? { [value]: result!.output, [all]: [...result!.laps], [ended]: result!.ended }
          : lastOutputs(parts, nodeId);
      if (canonicalJson(row.outputs) !== canonicalJson(expected)) complain(`${nodeId}: not what its last lap gave`);
    }
  }
  return excused;
}

/** Each lap gets what the one before it gave, and there is no further one after that which says so. */
function checkLaps(view: ScopeView, region: Loop, firstValue: OutputValue, checkScope: CheckNested): Laps {
  const { evidence, rows, complain } = view;
  const parts = evidence.parts.get(rows.get(region.driver)!.id) ?? [];
  const given = new Map<number, { readonly output: OutputValue; readonly isLast: boolean }>();
  let [isFailed, isOver, excused] = [false, false, 0];
  let value = firstValue;
  for (const [place, part] of parts.entries()) {
    const name = `${region.driver}[${part.index}]`;
    if (part.index !== place) complain(`${name}: is lap ${place}`);
    if (isFailed || isOver) complain(`${name}: comes after the last lap`);
    const lap = checkLap(view, region, { part, value }, checkScope);
    excused += lap.excused;
    isFailed = lap.isFailed;
    if (part.status !== 'COMPLETED') continue;
    const outputs = part.nodes.find(({ nodeId }) => nodeId === region.loop.end)?.outputs;
    if (outputs === null || outputs === undefined) {
      isOver = true;
      continue;
    }
    value = outputs[loopOutputs.value]!;
    const isLast = outputs[loopOutputs.ended] === 'condition';
    given.set(place, { output: value, isLast });
    isOver = isLast || place + 1 === region.loop.most;
  }
  return { given, isFailed, isOver, excused };
}

function checkLap(
  { structure, valueOf, evidence, complain, isCancelled, name }: ScopeView,
  region: Loop,
  { part, value }: { readonly part: HistoryRun; readonly value: OutputValue },
  checkScope: CheckNested,
): { readonly isFailed: boolean; readonly excused: number } {
  const { isFailed, excusedNodes } = checkScope(
    {
      structure,
      nodeIds: region.nodes,
      regions: region.inner,
      run: part,
      outside: (edge) => (edge.target === region.driver ? value : valueOf(edge)),
      isCancelled,
      name: `${name}${region.driver}[${part.index}] `,
    },
    evidence,
    (problem) => complain(problem.slice(name.length)),
  );
  const expected = isFailed ? 'FAILED' : 'COMPLETED';
  if (!isCancelled && part.status !== expected)
    complain(`${region.driver}[${part.index}] is ${part.status} and not ${expected}`);
  return { isFailed, excused: excusedNodes };
}

/** What a node gave in the last lap in which it gave something. */
function lastOutputs(parts: readonly HistoryRun[], nodeId: string): NodeOutputs {
  const given = parts.flatMap(({ status, nodes }) => {
    const outputs = nodes.find((node) => node.nodeId === nodeId)?.outputs ?? null;
    return status === 'COMPLETED' && outputs !== null ? [outputs] : [];
  });
  return given.at(-1) ?? {};
}
