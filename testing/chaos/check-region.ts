import { canonicalJson } from '../../core/graph/canonical-json.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { eachSettingsOf } from '../../core/graph/each.ts';
import { collectValues } from '../../core/run/region.ts';
import { probeEachOutput } from '../probe-node.ts';
import type { HistoryRun } from './history.ts';

/** Types of the nodes of a random graph's region, which is held against its list as a whole. */
export const regionTypes: ReadonlySet<string> = new Set(['items', 'probeEach', 'whole']);

/** Works out anew what must have come of a list and of each of its elements. Returns how many faults brought down. */
export function checkRegion(
  { nodes }: Graph,
  run: HistoryRun,
  parts: readonly HistoryRun[],
  complain: (problem: string) => void,
): number {
  const data = new Map(nodes.map((node) => [node.id, node.data]));
  const elements = data.get('items')?.['items'] as readonly string[] | undefined;
  if (elements === undefined) {
    if (parts.length > 0) complain(`${parts.length} parts, and no list`);
    return 0;
  }
  const { onError } = eachSettingsOf(data.get('a')!);
  const failsFor = data.get('b')!['failsFor'];
  const rows = new Map(run.nodes.map((node) => [node.nodeId, node]));
  const [driver, whole] = [rows.get('a')!, rows.get('whole')!];
  const byIndex = new Map(parts.map((part) => [part.index!, part]));
  if (byIndex.size !== parts.length) complain(`${parts.length} parts for ${byIndex.size} elements`);
  let excused = 0;
  for (const [index, part] of byIndex) {
    const element = elements[index]!;
    const outputs = [probeEachOutput('a', element), probeEachOutput('b', probeEachOutput('a', element))];
    for (const [at, nodeId] of ['a', 'b'].entries()) {
      const node = part.nodes.find((other) => other.nodeId === nodeId);
      if (node?.status === 'COMPLETED' && canonicalJson(node.outputs) !== canonicalJson({ output: outputs[at]! })) {
        complain(`part ${index}: ${nodeId} has the output of another element`);
      }
    }
    const isToFail = outputs[0] === failsFor;
    if (part.status === 'COMPLETED' && isToFail) complain(`part ${index}: completed, and was to fail`);
    if (part.status !== 'FAILED' || isToFail) continue;
    const codes = part.nodes.filter(({ status }) => status === 'FAILED').map(({ errorCode }) => errorCode);
    if (codes.every((code) => code === 'NODE_CRASHED_WORKER')) excused += 1;
    else complain(`part ${index}: FAILED by ${codes.join(', ')}`);
  }
  if (run.status === 'CANCELLED') return excused;
  const failed = parts.filter(({ status }) => status === 'FAILED').map(({ index }) => index!);
  if (driver.status === 'FAILED') {
    if (driver.errorCode === 'NODE_CRASHED_WORKER') return excused + 1;
    if (onError !== 'stop' || failed.length === 0 || driver.errorCode !== 'ELEMENTS_FAILED') {
      complain(`a: FAILED (${driver.errorCode}) with ${failed.length} failed elements and ${onError}`);
    }
    if (whole.status !== 'SKIPPED') complain(`whole: ${whole.status} after a has failed`);
    return excused;
  }
  if (driver.status !== 'COMPLETED') complain(`a: ${driver.status}`);
  if (parts.length !== elements.length) complain(`${parts.length} parts of ${elements.length} elements`);
  if (onError === 'stop' && failed.length > 0) complain(`a: COMPLETED with ${failed.length} failed elements`);
  const listOf = (valueOf: (element: string) => string) =>
    collectValues(onError, elements.length, (index) =>
      byIndex.get(index)?.status === 'COMPLETED' ? valueOf(elements[index]!) : undefined,
    );
  const a = listOf((element) => probeEachOutput('a', element));
  const b = listOf((element) => probeEachOutput('b', probeEachOutput('a', element)));
  if (canonicalJson(driver.outputs?.['output'] ?? null) !== canonicalJson(a))
    complain('a: the list is not that of its elements');
  const told =
    (driver.outputs?.['errors'] as readonly { index: number }[] | undefined)?.map(({ index }) => index) ?? [];
  if (told.join() !== failed.toSorted((one, other) => one - other).join())
    complain(`a: tells of ${told.join()} and not ${failed.join()}`);
  if (canonicalJson(rows.get('b')!.outputs) !== canonicalJson({ output: b }))
    complain('b: the list is not that of its elements');
  const joined = b.map((value) => value ?? '-').join(' ');
  if (whole.status === 'COMPLETED' && whole.outputs?.['output'] !== joined) complain('whole: a wrong output');
  if (whole.status !== 'COMPLETED') complain(`whole: ${whole.status}`);
  return excused;
}
