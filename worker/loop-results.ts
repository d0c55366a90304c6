import type pg from 'pg';
import { TerminalError } from '../core/errors/app-error.ts';
import type { NodeOutputs, OutputValue } from '../core/node-type/values.ts';
import { collectLaps, loopOutputs, type LoopEnd } from '../core/run/region.ts';
import { listFinishedParts } from '../db/regions/earlier.ts';
import type { RegionRow } from '../db/regions/find.ts';
import { findLastResult, listPartResults, listResultsOf, type NamedPartError } from '../db/regions/list-results.ts';
import type { StandIn } from '../db/regions/open.ts';
import { labelOfPart } from './list-facts.ts';
import type { RegionFacts } from './known-facts.ts';

/** What comes of the laps of a loop. */
export interface LoopResults {
  /** What a node of it gives in the run: of its end the result of all laps, of any other what it gave last. */
  collect(facts: RegionFacts, nodeId: string, row: RegionRow): Promise<NodeOutputs>;
  /** Why it has failed. */
  failed(facts: RegionFacts): Promise<TerminalError>;
  /** Laps of the run that is retried, from the first one on, and whether the last of them was the last of the loop. */
  standIns(facts: RegionFacts): Promise<{ readonly laps: readonly StandIn[]; readonly isOver: boolean }>;
}

/** What collecting laps needs from the rest of the worker. */
export interface LoopResultsDependencies {
  readonly pool: pg.Pool;
  readonly ask: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly listErrors: (facts: RegionFacts) => Promise<readonly NamedPartError[]>;
  readonly newId: () => string;
}

/** Reads what the laps of loops gave. */
export function createLoopResults({ pool, ask, listErrors, newId }: LoopResultsDependencies): LoopResults {
  async function resultOf({ driver }: RegionFacts, total: number): Promise<NodeOutputs> {
    const { runId, executionId, region } = driver;
    const query = { runId, executionId, nodeId: region.loop!.end, after: -1, limit: total };
    const given = new Map<number, { readonly output: OutputValue; readonly isLast: boolean }>();
    for (const { index, outputs } of await ask(() => listPartResults(pool, query))) {
      if (!Object.hasOwn(outputs, loopOutputs.value)) continue;
      const output = outputs[loopOutputs.value]!;
      given.set(index, { output, isLast: isLast(outputs) });
    }
    const result = collectLaps(given, total);
    if (result === null) throw withoutValue();
    const { value, laps, ended } = loopOutputs;
    return { [value]: result.output, [laps]: [...result.laps], [ended]: result.ended };
  }

  async function failed(facts: RegionFacts): Promise<TerminalError> {
    const [first] = await listErrors(facts);
    return new TerminalError(
      'LAP_FAILED',
      first === undefined
        ? 'The loop ended early. Run it again: laps that completed are not executed again.'
        : `Lap ${first.index + 1}: ${first.node}: ${first.message} Run it again: laps that completed are not executed again.`,
      { details: { lap: first === undefined ? null : first.index + 1, code: first?.code ?? null } },
    );
  }

  return {
    collect: async (facts, nodeId, { total }) => {
      const { runId, executionId, region } = facts.driver;
      if (nodeId === region.loop!.end) return resultOf(facts, total);
      const last = await ask(() => findLastResult(pool, { runId, executionId, nodeId }));
      return last?.outputs ?? {};
    },
    failed,
    standIns: async ({ driver, elements, laps, sharedKey }) => {
      const { retryOf, nodeId, region } = driver;
      if (retryOf === null) return { laps: [], isOver: false };
      const earlier = await ask(() => listFinishedParts(pool, { runId: retryOf, driver: nodeId, sharedKey }));
      const byKey = new Map(earlier.map(({ id, key }) => [key, id]));
      const ids = earlier.map(({ id }) => id);
      const results = await ask(() => listResultsOf(pool, ids, region.loop!.end));
      const outputsOf = new Map(results.map(({ id, outputs }) => [id, outputs]));
      const standIns: StandIn[] = [];
      for (let index = 0; index < elements.length && index < laps!.known; index += 1) {
        const element = elements[index]!;
        const from = byKey.get(element.key);
        if (from === undefined) break;
        standIns.push({ id: newId(), index, key: element.key, label: labelOfPart(element), from });
        const outputs = outputsOf.get(from);
        if (outputs === undefined || isLast(outputs)) return { laps: standIns, isOver: true };
        if (index + 1 === laps!.known) laps!.learn(outputs[loopOutputs.value] ?? null);
      }
      return { laps: standIns, isOver: false };
    },
  };
}

function isLast(outputs: NodeOutputs): boolean {
  return outputs[loopOutputs.ended] === ('condition' satisfies LoopEnd);
}

function withoutValue(): TerminalError {
  return new TerminalError(
    'LAP_FAILED',
    'No value reached the end of the loop in its first lap. Connect a path to it that every lap takes.',
    { details: { lap: 1, code: null } },
  );
}
