import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { panelsAfter, type PanelAction, type Panels } from './panels.ts';

/** Where this browser keeps what somebody has chosen once. */
const keptKeys = { palette: 'heddle.palette', snap: 'heddle.snap', results: 'heddle.results' };

/** What the address of the page holds, so that it can be linked to and the way back leads out of it. */
type InAddress = 'areRunsOpen' | 'viewedRun';
type InMemory = Omit<Panels, InAddress | 'isPhone'>;

/** What is open around the canvas. Runs stand in the address of the page; the palette, the results and the grid are remembered. */
export function usePanels(isPhone: boolean): { panels: Panels; dispatch: (action: PanelAction) => void } {
  const [parameters, setParameters] = useSearchParams();
  const [inMemory, setInMemory] = useState<InMemory>(panelsAtFirst);
  const areRunsOpen = parameters.get('panel') === 'runs';
  const viewedRun = parameters.get('run');
  const panels = useMemo<Panels>(
    () => ({ ...inMemory, isPhone, areRunsOpen, viewedRun }),
    [inMemory, isPhone, areRunsOpen, viewedRun],
  );
  // Two actions in one event both count: the second one begins with what the first one left.
  const latest = useRef(panels);
  useLayoutEffect(() => {
    latest.current = panels;
  }, [panels]);
  const dispatch = useCallback(
    (action: PanelAction) => {
      const before = latest.current;
      const next = panelsAfter(before, action);
      if (next === before) return;
      latest.current = next;
      setInMemory(next);
      keepChoices(before, next);
      if (next.areRunsOpen === before.areRunsOpen && next.viewedRun === before.viewedRun) return;
      setParameters(
        { ...(next.areRunsOpen && { panel: 'runs' }), ...(next.viewedRun !== null && { run: next.viewedRun }) },
        { replace: next.viewedRun === null },
      );
    },
    [setParameters],
  );
  return { panels, dispatch };
}

function panelsAtFirst(): InMemory {
  return {
    isPaletteOpen: localStorage.getItem(keptKeys.palette) !== 'closed',
    isInspectorOpen: true,
    isInspectorAwaited: false,
    areResultsOpen: localStorage.getItem(keptKeys.results) !== 'closed',
    isSnapping: localStorage.getItem(keptKeys.snap) === 'on',
    dialog: null,
    quickAddAt: null,
    menuAt: null,
  };
}

function keepChoices(before: Panels, { isPaletteOpen, isSnapping, areResultsOpen }: Panels): void {
  if (isPaletteOpen !== before.isPaletteOpen) {
    localStorage.setItem(keptKeys.palette, isPaletteOpen ? 'open' : 'closed');
  }
  if (areResultsOpen !== before.areResultsOpen) {
    localStorage.setItem(keptKeys.results, areResultsOpen ? 'open' : 'closed');
  }
  if (isSnapping !== before.isSnapping) localStorage.setItem(keptKeys.snap, isSnapping ? 'on' : 'off');
}
