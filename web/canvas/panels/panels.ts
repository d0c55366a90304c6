import type { QuickAddRequest } from '../quick-add/QuickAdd.tsx';

/** The dialogs of the editor that a command opens. */
export type EditorDialog =
  'commands' | 'shortcuts' | 'plan' | 'variants' | 'pack' | 'settings' | 'elements' | 'cancel-list';

/** A point of the window, in client coordinates. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is open around the canvas, and what stands in its place. */
export interface Panels {
  /** A small screen: panels lie over the canvas there, and nothing can be changed. */
  readonly isPhone: boolean;
  readonly isPaletteOpen: boolean;
  /** Open means: shown while something is selected. */
  readonly isInspectorOpen: boolean;
  /** The keyboard was sent to the inspector, which may still have to be loaded. */
  readonly isInspectorAwaited: boolean;
  readonly areRunsOpen: boolean;
  /** The results under the canvas are shown, not only the line about the run. */
  readonly areResultsOpen: boolean;
  /** The run that stands in the place of the canvas; null shows the workflow itself. */
  readonly viewedRun: string | null;
  readonly isSnapping: boolean;
  readonly dialog: EditorDialog | null;
  readonly quickAddAt: QuickAddRequest | null;
  readonly menuAt: Point | null;
}

/** What can happen to the panels. `view-run` with null goes back to the workflow. */
export type PanelAction =
  | { readonly type: 'toggle-palette' }
  | { readonly type: 'toggle-inspector' }
  | { readonly type: 'close-inspector' }
  /** Opens the inspector and gives it the focus; a list of runs makes way. */
  | { readonly type: 'go-to-inspector' }
  | { readonly type: 'inspector-arrived' }
  | { readonly type: 'toggle-runs' }
  | { readonly type: 'open-runs' }
  | { readonly type: 'close-runs' }
  | { readonly type: 'view-run'; readonly runId: string | null }
  | { readonly type: 'toggle-results' }
  | { readonly type: 'toggle-snapping' }
  | { readonly type: 'open-dialog'; readonly dialog: EditorDialog }
  | { readonly type: 'close-dialog' }
  | { readonly type: 'quick-add'; readonly at: QuickAddRequest | null }
  | { readonly type: 'open-menu'; readonly at: Point }
  | { readonly type: 'close-menu' };

/** The panels after an action. Returns the same object where nothing changes. */
export function panelsAfter(panels: Panels, action: PanelAction): Panels {
  switch (action.type) {
    case 'toggle-palette':
      return { ...panels, isPaletteOpen: !panels.isPaletteOpen };
    case 'toggle-inspector':
      return { ...panels, isInspectorOpen: !panels.isInspectorOpen };
    case 'close-inspector':
      return { ...panels, isInspectorOpen: false };
    case 'go-to-inspector':
      return {
        ...(panels.areRunsOpen ? withoutRuns(panels) : panels),
        isInspectorOpen: true,
        // A run in the place of the canvas has no inspector, nor has a phone.
        isInspectorAwaited: panels.viewedRun === null && !panels.isPhone,
      };
    case 'inspector-arrived':
      return panels.isInspectorAwaited ? { ...panels, isInspectorAwaited: false } : panels;
    case 'toggle-runs':
      return panels.areRunsOpen ? withoutRuns(panels) : { ...panels, areRunsOpen: true };
    case 'open-runs':
      return panels.areRunsOpen ? panels : { ...panels, areRunsOpen: true };
    case 'close-runs':
      return withoutRuns(panels);
    case 'view-run':
      return {
        ...panels,
        viewedRun: action.runId,
        // On a phone the list lies over everything: it makes way for the run that was chosen.
        areRunsOpen: panels.areRunsOpen && !(panels.isPhone && action.runId !== null),
      };
    case 'toggle-results':
      return { ...panels, areResultsOpen: !panels.areResultsOpen };
    case 'toggle-snapping':
      return { ...panels, isSnapping: !panels.isSnapping };
    case 'open-dialog':
      return { ...panels, dialog: action.dialog };
    case 'close-dialog':
      return panels.dialog === null ? panels : { ...panels, dialog: null };
    case 'quick-add':
      return panels.quickAddAt === action.at ? panels : { ...panels, quickAddAt: action.at };
    case 'open-menu':
      return { ...panels, menuAt: action.at };
    case 'close-menu':
      return panels.menuAt === null ? panels : { ...panels, menuAt: null };
  }
}

/** The run that is viewed was chosen in the list: it closes together with it. */
function withoutRuns(panels: Panels): Panels {
  return { ...panels, areRunsOpen: false, viewedRun: null };
}

/** Whether the inspector is on the screen. */
export function isInspectorShown(panels: Panels, selectedCount: number): boolean {
  const hasRoom = !panels.isPhone && !panels.areRunsOpen && panels.viewedRun === null;
  return hasRoom && panels.isInspectorOpen && selectedCount > 0;
}
