import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { starKeyOf, type Result, type ResultGroup, type ResultKind } from './results.ts';

/** Which results are shown: all, those of a kind, or those with a star. */
export type ResultFilter = 'all' | 'starred' | ResultKind;

/** What is shown and chosen of the results of a run. */
export interface Picks {
  readonly filter: ResultFilter;
  setFilter(filter: ResultFilter): void;
  /** Groups with what the filter leaves of them. */
  readonly groups: readonly ResultGroup[];
  /** What is in them, in order. */
  readonly shown: readonly Result[];
  /** How many there are of each kind, without the filter. */
  readonly counts: ReadonlyMap<ResultFilter, number>;
  readonly selectedKeys: ReadonlySet<string>;
  /** In the order in which they stand. */
  readonly selected: readonly Result[];
  /** `isRange`: everything between the last one that was touched and this one. */
  select(result: Result, isRange: boolean): void;
  /** All that are shown; what people put in is among them only where nothing else is. */
  selectAll(): void;
  clear(): void;
}

const nothing: ReadonlySet<string> = new Set();

/** What somebody has chosen among the results; what is gone with a new run is no longer chosen. */
export function usePicks(all: readonly ResultGroup[], marked: ReadonlySet<string>): Picks {
  const [wanted, setFilter] = useState<ResultFilter>('all');
  const [selectedKeys, setSelected] = useState(nothing);
  const last = useRef<string | null>(null);
  const counts = useMemo(() => countsOf(all, marked), [all, marked]);
  // A filter that nothing is left of would look like an empty run.
  const filter = (counts.get(wanted) ?? 0) > 0 ? wanted : 'all';
  // Without a filter they stay the same objects, so that a new result draws itself alone; marks are looked at only where they are asked for.
  const kept = filter === 'starred' ? marked : nothing;
  const groups = useMemo(() => (filter === 'all' ? all : filtered(all, filter, kept)), [all, filter, kept]);
  const shown = useMemo(() => groups.flatMap(({ results }) => results), [groups]);
  const selected = useMemo(() => shown.filter(({ key }) => selectedKeys.has(key)), [shown, selectedKeys]);
  const order = useRef(shown);
  useLayoutEffect(() => void (order.current = shown), [shown]);
  // Every tile is given it: it is the same whatever comes in.
  const select = useCallback(({ key }: Result, isRange: boolean) => {
    const now = order.current;
    const [from, to] = [last.current, key].map((each) => now.findIndex((other) => other.key === each));
    last.current = key;
    setSelected((before) => {
      if (!isRange || from === undefined || to === undefined || from === -1) return toggled(before, key);
      const between = now.slice(Math.min(from, to), Math.max(from, to) + 1);
      return new Set([...before, ...between.map((result) => result.key)]);
    });
  }, []);
  return {
    filter,
    setFilter,
    groups,
    shown,
    counts,
    selectedKeys,
    selected,
    select,
    selectAll: useCallback(() => setSelected(new Set(wholeOf(shown).map(({ key }) => key))), [shown]),
    clear: useCallback(() => setSelected(nothing), []),
  };
}

/** What all of some results is: what a run has made; what was put in where that is all there is. */
function wholeOf(results: readonly Result[]): readonly Result[] {
  const made = results.filter(({ isGiven }) => !isGiven);
  return made.length === 0 ? results : made;
}

function toggled(before: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(before);
  if (!next.delete(key)) next.add(key);
  return next;
}

function filtered(
  all: readonly ResultGroup[],
  filter: ResultFilter,
  marked: ReadonlySet<string>,
): readonly ResultGroup[] {
  const isKept = (result: Result) => (filter === 'starred' ? marked.has(starKeyOf(result)) : result.kind === filter);
  return all
    .map((group) => ({ ...group, results: group.results.filter(isKept) }))
    .filter(({ results }) => results.length > 0);
}

function countsOf(all: readonly ResultGroup[], marked: ReadonlySet<string>): ReadonlyMap<ResultFilter, number> {
  const counts = new Map<ResultFilter, number>();
  const add = (filter: ResultFilter) => counts.set(filter, (counts.get(filter) ?? 0) + 1);
  for (const result of all.flatMap(({ results }) => results)) {
    add('all');
    add(result.kind);
    if (marked.has(starKeyOf(result))) add('starred');
  }
  return counts;
}
