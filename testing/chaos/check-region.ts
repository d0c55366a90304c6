import { partsOf } from '../../core/data-types/table.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import { configOf } from '../../core/graph/config.ts';
import { elementsOf } from '../../core/graph/elements.ts';
import type { Region } from '../../core/graph/regions.ts';
import type { ResolvedEdge } from '../../core/graph/structure.ts';
import { handlesOf } from '../../core/node-type/handles.ts';
import type { OutputValue } from '../../core/node-type/values.ts';
import { collectValues, mostFailed } from '../../core/run/region.ts';
import { sha256 } from '../graphs.ts';
import { probedNodes } from '../probe-node.ts';
import { isExcused } from './excused.ts';
import type { HistoryNode, HistoryRun } from './history.ts';
import type { CheckNested, ScopeView } from './scope.ts';

/** Works out what must have come of a list and of each of its elements. Returns how many nodes faults brought down. */
export function checkRegion(view: ScopeView, region: Region, checkScope: CheckNested): number {
  const { rows, evidence, complain, isCancelled, run } = view;
  const driver = rows.get(region.driver)!;
  const parts = evidence.parts.get(driver.id) ?? [];
  const reach = reachOf(view, region);
  if (reach !== 'runs') {
    if (parts.length > 0) complain(`${region.driver}: ${parts.length} parts, and no list`);
    if (!isCancelled) checkSkipped(view, region.nodes, reach);
    return 0;
  }
  const elements = elementsIn(view, region);
  const byIndex = new Map(parts.map((part) => [part.index!, part]));
  if (byIndex.size !== parts.length) complain(`${region.driver}: ${parts.length} parts for ${byIndex.size} elements`);
  let excused = 0;
  for (const [index, part] of byIndex) excused += checkPart(view, region, { index, part, elements }, checkScope);
  if (isCancelled) return excused;

  const failed = parts.filter(({ status }) => status === 'FAILED').map(({ index }) => index!);
  const most = mostFailed(region.settings, elements.length);
  const isStopped = most !== null && failed.length > most;
  if (driver.status === 'FAILED') {
    if (isExcused(driver, 'COMPLETED', run)) excused += 1;
    else if (!isStopped || driver.errorCode !== 'ELEMENTS_FAILED') {
      complain(`${driver.nodeId}: FAILED (${driver.errorCode}) with ${failed.length} failed elements`);
    }
    checkSkipped(view, region.nodes.slice(1), 'lost');
    return excused;
  }
  if (driver.status !== 'COMPLETED') complain(`${driver.nodeId}: ${driver.status}`);
  if (isStopped) complain(`${driver.nodeId}: COMPLETED with ${failed.length} failed elements`);
  if (parts.length !== elements.length) complain(`${parts.length} parts of ${elements.length} elements`);
  const told = (driver.outputs?.['errors'] as readonly { index: number }[] | undefined)?.map(({ index }) => index);
  if (told?.join() !== failed.join()) complain(`${driver.nodeId}: tells of ${told?.join()} and not ${failed.join()}`);
  for (const nodeId of region.nodes) {
    const row = rows.get(nodeId)!;
    if (nodeId !== region.driver && isExcused(row, 'COMPLETED', run)) excused += 1;
    else if (row.status !== 'COMPLETED') complain(`${nodeId}: ${row.status} (${row.errorCode})`);
    else checkLists(view, region, row, { total: elements.length, byIndex });
  }
  return excused;
}

/** Each output of a node is the list of what its executions in the parts put out. */
function checkLists(
  { structure, complain }: ScopeView,
  { driver, inner, nodes, settings }: Region,
  row: HistoryNode,
  { total, byIndex }: { readonly total: number; readonly byIndex: ReadonlyMap<number, HistoryRun> },
): void {
  const { nodeId } = row;
  const own = new Set(nodes);
  const isHandledOutside = structure.edges.some(
    ({ source, sourceHandle, target }) => source === nodeId && sourceHandle === 'error' && !own.has(target),
  );
  const names = [
    ...handlesAt(structure, nodeId).outputs.map(({ id }) => id),
    ...(isHandledOutside ? ['error'] : []),
    ...(inner.some((region) => region.driver === nodeId && region.loop === undefined) && nodeId !== driver
      ? ['errors']
      : []),
  ];
  const lists = names.map((name) => {
    const valueAt = (index: number): OutputValue | undefined => {
      const part = byIndex.get(index);
      if (part?.status !== 'COMPLETED') return undefined;
      const outputs = part.nodes.find((node) => node.nodeId === nodeId)?.outputs ?? {};
      return Object.hasOwn(outputs, name) ? outputs[name]! : undefined;
    };
    return [name, collectValues(name === 'error' ? 'leaveOut' : settings.onError, total, valueAt)];
  });
  const { errors: _told, ...rest } = row.outputs ?? {};
  const outputs = nodeId === driver ? rest : row.outputs;
  if (canonicalJson(outputs) !== canonicalJson(Object.fromEntries(lists))) {
    complain(`${nodeId}: a list is not that of its elements`);
  }
}

interface PartOfRegion {
  readonly index: number;
  readonly part: HistoryRun;
  readonly elements: readonly { readonly values: Readonly<Record<string, OutputValue>> }[];
}

function checkPart(
  view: ScopeView,
  region: Region,
  { index, part, elements }: PartOfRegion,
  checkScope: CheckNested,
): number {
  const { structure, valueOf, evidence, complain, isCancelled, name } = view;
  const values = elements[index]?.values;
  if (values === undefined) {
    complain(`${region.driver}: a part of element ${index}, and there are ${elements.length}`);
    return 0;
  }
  const each = new Set(region.eachEdges);
  const { isFailed, excusedNodes } = checkScope(
    {
      structure,
      nodeIds: region.nodes,
      regions: region.inner,
      run: part,
      outside: (edge) => {
        if (!each.has(edge.id)) return valueOf(edge);
        const value = Object.hasOwn(values, edge.id) ? values[edge.id] : undefined;
        return value === null && !takesNull(view, edge) ? undefined : value;
      },
      isCancelled,
      name: `${name}${region.driver}[${index}] `,
    },
    evidence,
    (problem) => complain(problem.slice(name.length)),
  );
  const expected = isFailed ? 'FAILED' : 'COMPLETED';
  if (!isCancelled && part.status !== expected) {
    complain(`${region.driver}[${index}] is ${part.status} and not ${expected}`);
  }
  return excusedNodes;
}

function elementsIn({ structure, valueOf }: ScopeView, region: Region) {
  const lists = structure.edges.flatMap((edge) => {
    const list = region.eachEdges.includes(edge.id) ? valueOf(edge) : undefined;
    return list === undefined ? [] : [{ edge: edge.id, origin: region.origins[edge.id]!, list }];
  });
  return elementsOf(lists, region.settings.pairing, sha256);
}

/** Whether what an edge comes from gave something, or its branch was not taken. */
export function isSettledIn({ nodeIds, rows }: ScopeView, { source }: ResolvedEdge): boolean {
  if (!nodeIds.includes(source)) return true;
  const row = rows.get(source);
  return row !== undefined && (row.outputs !== null || (row.status === 'SKIPPED' && row.errorCode === null));
}

/** A region is gone through as soon as one of its lists is there, and everything else is settled. */
function reachOf(view: ScopeView, region: Region): 'runs' | 'untaken' | 'lost' {
  const { structure, valueOf } = view;
  const own = new Set(region.nodes);
  const outer = region.nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  if (!outer.every((edge) => isSettledIn(view, edge))) return 'lost';
  return outer.some((edge) => region.eachEdges.includes(edge.id) && valueOf(edge) !== undefined) ? 'runs' : 'untaken';
}

/** What is behind something that was not taken, or that was lost, is skipped for that. */
export function checkSkipped(
  { rows, complain }: ScopeView,
  nodeIds: readonly string[],
  reach: 'untaken' | 'lost',
): void {
  for (const nodeId of nodeIds) {
    const { status, errorCode } = rows.get(nodeId)!;
    if (status !== 'SKIPPED') complain(`${nodeId}: ${status} and not SKIPPED`);
    else if ((errorCode === null) !== (reach === 'untaken')) {
      complain(`${nodeId}: SKIPPED for the wrong reason (${errorCode})`);
    }
  }
}

function handlesAt(structure: ScopeView['structure'], nodeId: string) {
  const node = structure.nodes.get(nodeId)!;
  const definition = probedNodes.catalogue.get(node.type)!;
  return handlesOf(definition, configOf(structure.configs, definition, node));
}

/** A place without a value is a value like any other only where anything is taken. */
function takesNull({ structure }: ScopeView, { target, targetHandle }: ResolvedEdge): boolean {
  const input = handlesAt(structure, target).inputs.find(({ id }) => id === targetHandle)!;
  return ['any', 'json'].includes(partsOf(input.dataType).element);
}
