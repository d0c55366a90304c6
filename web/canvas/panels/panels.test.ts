import { describe, expect, test } from '@jest/globals';
import { isInspectorShown, panelsAfter, type PanelAction, type Panels } from './panels.ts';

const atFirst: Panels = {
  isPhone: false,
  isPaletteOpen: true,
  isInspectorOpen: true,
  isInspectorAwaited: false,
  areRunsOpen: false,
  areResultsOpen: true,
  viewedRun: null,
  isSnapping: false,
  dialog: null,
  quickAddAt: null,
  menuAt: null,
};
const after = (panels: Panels, ...actions: PanelAction[]) => actions.reduce(panelsAfter, panels);

describe('the list of runs', () => {
  test('takes the run that is viewed with it when it closes', () => {
    const viewing = after(atFirst, { type: 'open-runs' }, { type: 'view-run', runId: 'r1' });
    expect(viewing).toEqual({ ...atFirst, areRunsOpen: true, viewedRun: 'r1' });
    expect(after(viewing, { type: 'close-runs' })).toEqual(atFirst);
    expect(after(viewing, { type: 'toggle-runs' })).toEqual(atFirst);
  });

  test('stays when the view goes back to the workflow', () => {
    const viewing: Panels = { ...atFirst, areRunsOpen: true, viewedRun: 'r1' };
    expect(after(viewing, { type: 'view-run', runId: null })).toEqual({ ...viewing, viewedRun: null });
  });

  test('opens over a run that was linked to, and keeps it', () => {
    const linked: Panels = { ...atFirst, viewedRun: 'r1' };
    expect(after(linked, { type: 'toggle-runs' })).toEqual({ ...linked, areRunsOpen: true });
  });

  test('makes way on a phone for the run that was chosen, and only for one', () => {
    const phone: Panels = { ...atFirst, isPhone: true, areRunsOpen: true };
    expect(after(phone, { type: 'view-run', runId: 'r1' })).toEqual({ ...phone, areRunsOpen: false, viewedRun: 'r1' });
    expect(after(phone, { type: 'view-run', runId: null })).toEqual(phone);
  });
});

describe('the inspector', () => {
  test('is shown while it is open, something is selected and nothing else has its place', () => {
    expect(isInspectorShown(atFirst, 1)).toBe(true);
    expect(isInspectorShown(atFirst, 0)).toBe(false);
    const others: Partial<Panels>[] = [
      { isInspectorOpen: false },
      { areRunsOpen: true },
      { viewedRun: 'r1' },
      { isPhone: true },
    ];
    for (const other of others) expect(isInspectorShown({ ...atFirst, ...other }, 1)).toBe(false);
  });

  test('is awaited when the keyboard is sent to it, until it arrives', () => {
    const closed: Panels = { ...atFirst, isInspectorOpen: false, areRunsOpen: true };
    const awaited = after(closed, { type: 'go-to-inspector' });
    expect(awaited).toEqual({ ...atFirst, isInspectorAwaited: true });
    expect(after(awaited, { type: 'inspector-arrived' })).toEqual(atFirst);
  });

  test('is not awaited where it cannot come', () => {
    for (const where of [{ isPhone: true }, { viewedRun: 'r1' }]) {
      expect(after({ ...atFirst, ...where }, { type: 'go-to-inspector' }).isInspectorAwaited).toBe(false);
    }
  });
});

test('one dialog is open at a time, and closing it leaves none', () => {
  const open = after(atFirst, { type: 'open-dialog', dialog: 'plan' }, { type: 'open-dialog', dialog: 'commands' });
  expect(open.dialog).toBe('commands');
  expect(after(open, { type: 'close-dialog' })).toEqual(atFirst);
});

test('an action that changes nothing returns the same panels, so that nothing is drawn again', () => {
  const idle: PanelAction[] = [
    { type: 'close-dialog' },
    { type: 'close-menu' },
    { type: 'quick-add', at: null },
    { type: 'inspector-arrived' },
  ];
  for (const action of idle) expect(panelsAfter(atFirst, action)).toBe(atFirst);
  const open: Panels = { ...atFirst, areRunsOpen: true };
  expect(panelsAfter(open, { type: 'open-runs' })).toBe(open);
});

test('every switch goes back to where it was', () => {
  const switches: PanelAction[] = [
    { type: 'toggle-palette' },
    { type: 'toggle-inspector' },
    { type: 'toggle-runs' },
    { type: 'toggle-snapping' },
  ];
  for (const action of switches) {
    expect(panelsAfter(atFirst, action)).not.toEqual(atFirst);
    expect(after(atFirst, action, action)).toEqual(atFirst);
  }
});
