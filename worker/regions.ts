import type pg from 'pg';
import type { Logger } from '../core/node-type/executor.ts';
import { isRunFinished } from '../core/run/status.ts';
import { forEverybody } from '../db/acting-for.ts';
import { tellEveryMs, type NewPart, type PartTemplate, type RegionAdvance } from '../db/regions/advance.ts';
import { listPartsAgain, type PartAgain } from '../db/regions/retry-parts.ts';
import type { ChangedRun, ReadyNode } from '../db/run-sql/result.ts';
import { persist } from '../engine/outage.ts';
import { labelOfPart } from './list-facts.ts';
import type { RegionFacts } from './known-facts.ts';
import { partialPart, type RegionFactsReader } from './region-facts.ts';
import { sendAdvances, type PartKeeper } from './send-advances.ts';

/*
 * Makes the parts of regions, and counts those that have ended: all that came up while one statement was under way goes
 * into the next. What is lost with this process the sweeper makes good.
 */
export interface Regions {
  /** Parts among the runs that have ended are counted, and make room for the next ones. Not awaited. */
  ended(runs: readonly ChangedRun[]): void;
  /** Makes the parts that there is room for. Not awaited. */
  fill(executionId: string, runId: string): void;
  /** Waits for the statement that is under way, which may claim. */
  answered(): Promise<void>;
  /** Waits for what is under way. */
  idle(): Promise<void>;
}

interface RegionsDependencies {
  readonly pool: pg.Pool;
  readonly facts: RegionFactsReader;
  readonly logger: Logger;
  readonly newId: () => string;
  /** Hears of every run that a statement changed. */
  readonly onChanged: (runs: readonly ChangedRun[]) => void;
  /** Gives what became ready to the queue. */
  readonly release: (ready: readonly ReadyNode[]) => Promise<void>;
  readonly keeper: PartKeeper;
}

interface Due {
  readonly executionId: string;
  readonly runId: string;
  readonly ended: Set<string>;
}

/** What a statement is asked to make of a region. */
interface Asked extends RegionAdvance {
  /** How many parts there is room for, as far as this process knows. */
  readonly room: number;
}

/** More in one statement make it slower for all without fewer round trips that matter. */
const maxRegions = 50;
const maxEnded = 500;
/** Elements to be gone through again that are read at once: each time all of them are looked at. */
const pageSize = 500;
/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

/** One for all of a process; a failure is told to the log, and left to the sweeper. */
export function createRegions({
  pool,
  facts,
  logger,
  newId,
  onChanged,
  release,
  keeper,
}: RegionsDependencies): Regions {
  const due = new Map<string, Due>();
  let working: Promise<void> | undefined;
  const underWay = new Set<Promise<void>>();
  /** The statement that was sent last, and what it claimed is in hand. */
  let answered: Promise<unknown> = Promise.resolve();
  /** Regions of which the latest is to be told, unless something else comes of them before. */
  const untold = new Map<string, NodeJS.Timeout>();

  function dueOf(executionId: string, runId: string): Due {
    const known = due.get(executionId) ?? { executionId, runId, ended: new Set() };
    due.set(executionId, known);
    return known;
  }

  function takeDue(): Due[] {
    const taken: Due[] = [];
    let ended = 0;
    for (const region of due.values()) {
      if (taken.length === maxRegions || ended > maxEnded) break;
      due.delete(region.executionId);
      taken.push(region);
      ended += region.ended.size;
    }
    return taken;
  }

  async function advanceOf({ executionId, runId, ended }: Due, templates: Map<number, PartTemplate>): Promise<Asked> {
    const known = await facts.read(executionId);
    const parts: NewPart[] = [];
    let room = 0;
    if (known !== null) {
      const { concurrency } = known.driver.region.settings;
      room = Math.min(concurrency, concurrency - known.unfinished + ended.size);
      parts.push(...(known.again > 0 ? await partsAgain(known, room, templates) : []));
      if (await facts.isKnown(known, known.cursor)) parts.push(...nextParts(known, room - parts.length, templates));
    }
    const again = { left: known?.again ?? 0, retried: known?.retried ?? 0 };
    return { executionId, runId, ended: [...ended], from: known?.cursor ?? 0, parts, again, room };
  }

  /** Of elements that are gone through again. */
  async function partsAgain(
    known: RegionFacts,
    count: number,
    templates: Map<number, PartTemplate>,
  ): Promise<NewPart[]> {
    const { elements } = known;
    return (await readAgain(known)).slice(0, Math.max(0, count)).map((part) => {
      const element = elements[part.index]!;
      const template = known.templateAgain(part.index, partialPart(part));
      templates.set(template.number, template);
      return {
        ...{ id: newId(), index: part.index, key: element.key, label: labelOfPart(element), template: template.number },
        ...{ next: known.cursor, from: part.id, isAgain: true },
      };
    });
  }

  /** Elements that are to be gone through again: as they are taken in their order, those of a page are known until more are asked for. */
  async function readAgain(known: RegionFacts): Promise<readonly PartAgain[]> {
    const { driver, again: left, retried, pageAgain: page } = known;
    const isLeft = page?.retried === retried && page.left >= left ? page.parts.slice(page.left - left) : [];
    if (isLeft.length >= Math.min(left, driver.region.settings.concurrency)) return isLeft;
    const limit = Math.max(pageSize, driver.region.settings.concurrency);
    const read = await persist(() => listPartsAgain(pool, driver.executionId, limit), { forMs: persistMs });
    known.pageAgain = read;
    if (read === null) return [];
    Object.assign(known, { again: read.left, retried: read.retried });
    return read.parts;
  }

  function nextParts(known: RegionFacts, count: number, templates: Map<number, PartTemplate>): NewPart[] {
    const parts: NewPart[] = [];
    const { elements } = known;
    for (let at = known.cursor; at < elements.length && parts.length < count; at = nextWithout(known, at)) {
      const { index, key } = elements[at]!;
      const template = known.templateOf(index);
      templates.set(template.number, template);
      parts.push({
        ...{ id: newId(), index, key, label: labelOfPart(elements[at]!), template: template.number },
        next: nextWithout(known, at),
        from: known.partial.get(key)?.id ?? null,
      });
    }
    return parts;
  }

  async function work(): Promise<void> {
    while (due.size > 0) {
      const taken = takeDue();
      try {
        await advance(taken);
      } catch (error) {
        logger.warn({ err: error, regions: taken.length }, 'could not go on with regions; the sweeper will');
      }
    }
    working = undefined;
  }

  async function advance(taken: readonly Due[]): Promise<void> {
    const templates = new Map<number, PartTemplate>();
    const advances = await Promise.all(taken.map((region) => advanceOf(region, templates)));
    const sent = sendAdvances(pool, keeper, advances, templates).then((answer) => {
      onChanged(answer.runs);
      keeper.execute(answer.claims);
      return answer;
    });
    answered = sent.catch(() => {});
    const { regions, ended, ready } = await sent;
    for (const { executionId, nextIndex, again, retried, unfinished, total, width, ...state } of regions) {
      const known = await facts.read(executionId);
      const { runId, from, parts, room } = advances.find((of) => of.executionId === executionId)!;
      if (state.isTold || state.isClosed) forgetUntold(executionId);
      else tellLater(executionId, runId);
      if (known === null) continue;
      // By others or by this statement: something was made, or is to be gone through again.
      const hasChanged = nextIndex !== from || again !== known.again || retried !== known.retried;
      Object.assign(known, { cursor: nextIndex, again, retried, unfinished });
      const isGoingOn = !state.isStopped && !state.isPaused && !state.isClosed;
      const hasRoom = isGoingOn && unfinished < width && (nextIndex < total || again > 0);
      // There was room and nothing was made: the run that is retried was deleted meanwhile, with the parts that were to stand in.
      if (hasRoom && !hasChanged && parts.some((part) => part.from !== null && part.isAgain !== true)) {
        if (known.partial.size > 0) dueOf(executionId, runId);
        known.partial = new Map();
        continue;
      }
      // Somebody else has made or counted parts meanwhile, or more room came up than there were candidates for.
      if (hasRoom && (hasChanged || room < 1)) dueOf(executionId, runId);
    }
    for (const { executionId, runId, partIds } of endedOf(ended, advances)) {
      for (const id of partIds) dueOf(executionId, runId).ended.add(id);
    }
    // Not awaited: what is done on the spot may take long, and other parts end meanwhile.
    const releasing: Promise<void> = release(ready).finally(() => underWay.delete(releasing));
    underWay.add(releasing);
  }

  /** Where nothing more comes of a region for a while, what came last is not kept from those who look. */
  function tellLater(executionId: string, runId: string): void {
    if (untold.has(executionId)) return;
    const timer = setTimeout(() => {
      untold.delete(executionId);
      dueOf(executionId, runId);
      go();
    }, tellEveryMs);
    untold.set(executionId, timer);
  }

  function forgetUntold(executionId: string): void {
    clearTimeout(untold.get(executionId));
    untold.delete(executionId);
  }

  function go(): void {
    working ??= forEverybody(work);
  }

  return {
    ended: (runs) => {
      for (const { runId, status, partOf } of runs) {
        if (partOf === null || !isRunFinished(status)) continue;
        dueOf(partOf.executionId, partOf.runId).ended.add(runId);
      }
      if (due.size > 0) go();
    },
    fill: (executionId, runId) => {
      dueOf(executionId, runId);
      go();
    },
    answered: async () => void (await answered),
    idle: async () => {
      while (working !== undefined || underWay.size > 0) await Promise.all([working, ...underWay]);
      for (const executionId of untold.keys()) forgetUntold(executionId);
    },
  };
}

/** The first element after `index` that has no part. */
function nextWithout({ ahead, elements }: Pick<RegionFacts, 'ahead' | 'elements'>, index: number): number {
  let next = index + 1;
  while (next < elements.length && ahead.has(next)) next += 1;
  return next;
}

/** New parts that had ended at once, by their region. */
function endedOf(
  ended: readonly string[],
  advances: readonly RegionAdvance[],
): { executionId: string; runId: string; partIds: string[] }[] {
  const ids = new Set(ended);
  return advances.flatMap(({ executionId, runId, parts }) => {
    const partIds = parts.map(({ id }) => id).filter((id) => ids.has(id));
    return partIds.length === 0 ? [] : [{ executionId, runId, partIds }];
  });
}
