import {
  useCallback,
  useDeferredValue,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useApp } from '../api/context.ts';
import { useEnvironment } from '../canvas/environment.ts';
import { cn } from '../ui/cn.ts';
import { fetchWhenCalm, lazyPart } from '../ui/lazy-part.ts';
import { pageMotion } from '../ui/page-motion.ts';
import { useIsPhone } from '../ui/use-media.ts';
import { saveResults, sourcesOf } from './result-actions.ts';
import { ResultGroupRow } from './ResultGroupRow.tsx';
import { ResultTools } from './ResultTools.tsx';
import './results.css';
import { starKeyOf, type Result, type ResultGroup } from './results.ts';
import { addAsNodes, besideNode, draggedOf, fillDrag } from './use-as-input.ts';
import { usePicks } from './use-picks.ts';
import { useStars } from './use-results.ts';

const lightbox = lazyPart(() => import('./Lightbox.tsx'), 'Lightbox');
const compare = lazyPart(() => import('./CompareResults.tsx'), 'CompareResults');

/** Height of a tile in the strip, in pixels; the strip has room for it, the name of its node and a scroll bar. */
const tileHeight = 92;
/** On a page of its own there is more room. */
const largeTileHeight = 128;
/** So many results are drawn at once; a click draws the others. */
const firstResults = 400;
/** From so many on pictures do not fade in: on the way through them dozens would at once. */
const manyResults = 60;

const nothingYet: readonly ResultGroup[] = [];

interface ResultsPanelProps {
  readonly groups: readonly ResultGroup[];
  readonly workflowName: string;
  /** `strip`: one row under the canvas. `wall`: as high as it has to be. */
  readonly layout: 'strip' | 'wall';
  /** Whether the results are shown, or the bar alone. */
  readonly isOpen: boolean;
  /** In the bar, before the tools. */
  readonly before: ReactNode;
  /** In the bar, after the tools. */
  readonly after?: ReactNode;
  /** Before the results: what is still to come, what has failed. */
  readonly first?: ReactNode;
  /** Leads to a node of the canvas. */
  onShowNode(nodeId: string): void;
  /** Nodes were added that hold results. */
  onUsed?(nodeIds: readonly string[]): void;
}

/** The results of a run by node, and all that can be done with one or several of them. */
export function ResultsPanel(props: ResultsPanelProps) {
  const { workflowName, layout, isOpen, before, after, first, onShowNode, onUsed } = props;
  const { api, notify } = useApp();
  const environment = useEnvironment();
  const { stars, marked } = useStars();
  // Dozens of results may come in at once: they are drawn beside whatever somebody does meanwhile.
  const picks = usePicks(useDeferredValue(props.groups, nothingYet), marked);
  const { groups, shown, selected, selectedKeys, select } = picks;
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [compared, setCompared] = useState<readonly Result[] | null>(null);
  const [areAllDrawn, setAllDrawn] = useState(false);
  const [isPacking, setIsPacking] = useState(false);
  const [current, setCurrent] = useState<string | null>(null);
  const isPhone = useIsPhone();
  const list = useRef<HTMLDivElement>(null);

  const save = (results: readonly Result[]) => {
    setIsPacking(true);
    saveResults(results, workflowName, async (runId) => sourcesOf(await api.exportRun(runId)))
      .catch((error: Error) =>
        notify({ title: 'The download could not be prepared', description: error.message, kind: 'error' }),
      )
      .finally(() => setIsPacking(false));
  };
  const use = (results: readonly Result[]) => {
    const [from] = results;
    if (from === undefined) return;
    const at = besideNode(environment, from.execution.nodeId);
    const ids = addAsNodes(environment, draggedOf(results), at);
    onUsed?.(ids);
  };
  const star = (results: readonly Result[]) => stars.toggle(results.map(starKeyOf));

  const onOpen = useCallback(({ key }: Result) => setOpenKey(key), []);
  const hasResults = shown.length > 0;
  useEffect(() => {
    if (!hasResults) return undefined;
    // Whoever sees results will open one: nothing is left to be fetched then.
    lightbox.fetchEarly();
    return fetchWhenCalm([compare]);
  }, [hasResults]);
  const chosen = useRef({ selected, selectedKeys });
  useLayoutEffect(() => {
    chosen.current = { selected, selectedKeys };
  }, [selected, selectedKeys]);
  const onDrag = useCallback((result: Result, data: DataTransfer) => {
    // One of the selected ones takes the others along.
    const { selected: all, selectedKeys: keys } = chosen.current;
    fillDrag(data, keys.has(result.key) ? [result, ...all.filter(({ key }) => key !== result.key)] : [result]);
  }, []);

  const drawn = useMemo(() => (areAllDrawn ? groups : cut(groups, firstResults)), [areAllDrawn, groups]);
  const currentKey = shown.some(({ key }) => key === current) ? current : (shown[0]?.key ?? null);
  const openIndex = openKey === null ? -1 : shown.findIndex(({ key }) => key === openKey);
  const height = layout === 'strip' ? tileHeight : isPhone ? null : largeTileHeight;
  const actions = { star, save, use: environment.isReadOnly || onUsed === undefined ? null : use };
  return (
    <section id="results" aria-label="Results" className="bg-surface">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-2 py-0.5">
        {before}
        <div className="flex-1" />
        <ResultTools picks={picks} marked={marked} actions={actions} isPacking={isPacking} onCompare={setCompared} />
        {after}
      </div>
      {isOpen && (
        <div
          ref={list}
          className="results-strip"
          data-layout={layout}
          data-narrow={(layout === 'wall' && isPhone) || undefined}
          data-selecting={selected.length > 0 || undefined}
          data-many={shown.length > manyResults || undefined}
          onKeyDown={(event) => moveFocus(event, list.current!)}
          onFocus={({ target }) => {
            const key = target.getAttribute('data-result');
            if (key !== null) setCurrent(key);
          }}
          onScroll={pageMotion.step}
          onWheel={({ deltaY, currentTarget }) => {
            if (layout === 'strip') currentTarget.scrollLeft += deltaY;
          }}
        >
          {first}
          {drawn.map((group) => (
            <ResultGroupRow
              key={group.execution.id}
              group={group}
              height={height}
              selectedKeys={selectedKeys}
              marked={marked}
              currentKey={group.results.some(({ key }) => key === currentKey) ? currentKey : null}
              onOpen={onOpen}
              onSelect={select}
              onDrag={onDrag}
              onShowNode={onShowNode}
            />
          ))}
          {drawn !== groups && (
            <button
              type="button"
              onClick={() => setAllDrawn(true)}
              className={cn('shrink-0 rounded-md px-3 text-xs text-muted hover:bg-hover', layout === 'wall' && 'py-2')}
            >
              Show all {shown.length.toLocaleString()}
            </button>
          )}
        </div>
      )}
      {openIndex !== -1 && (
        <lightbox.Component
          results={shown}
          index={openIndex}
          marked={marked}
          actions={actions}
          onIndex={(index) => setOpenKey(shown[index]?.key ?? null)}
          onCompare={setCompared}
          onClose={() => setOpenKey(null)}
        />
      )}
      {compared !== null && (
        <compare.Component results={compared} catalogue={environment.catalogue} onClose={() => setCompared(null)} />
      )}
    </section>
  );
}

/** The first so many results; the same groups where there are no more. */
function cut(groups: readonly ResultGroup[], most: number): readonly ResultGroup[] {
  let left = most;
  if (groups.reduce((sum, { results }) => sum + results.length, 0) <= most) return groups;
  const kept: ResultGroup[] = [];
  for (const group of groups) {
    if (left <= 0) break;
    kept.push({ ...group, results: group.results.slice(0, left) });
    left -= group.results.length;
  }
  return kept;
}

/** Arrow keys, Home and End lead from tile to tile. */
function moveFocus(event: KeyboardEvent, list: HTMLElement): void {
  const tiles = [...list.querySelectorAll<HTMLElement>('[data-result]')];
  const at = tiles.findIndex((tile) => tile.closest('li')?.contains(document.activeElement) === true);
  if (at === -1) return;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: tiles.length - 1,
  };
  const to = steps[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const tile = tiles[Math.min(tiles.length - 1, Math.max(0, to))];
  tile?.focus();
  tile?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
