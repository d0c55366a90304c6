import { lazyPart } from '../../ui/lazy-part.ts';

const inspector = lazyPart(() => import('../../inspector/Inspector.tsx'), 'Inspector');
const runs = lazyPart(() => import('../../runs/RunsPanel.tsx'), 'RunsPanel');
const overlay = lazyPart(() => import('../../runs/RunOverlay.tsx'), 'RunOverlay');
const commands = lazyPart(() => import('../commands/CommandPalette.tsx'), 'CommandPalette');
const shortcuts = lazyPart(() => import('../commands/ShortcutsDialog.tsx'), 'ShortcutsDialog');
const plan = lazyPart(() => import('../running/PlanDialog.tsx'), 'PlanDialog');
const conflict = lazyPart(() => import('../saving/ConflictDialog.tsx'), 'ConflictDialog');

/** What the editor does not need at first: it comes a little later, or when it is asked for. */
export const laterParts = [inspector, runs, overlay, commands, shortcuts, plan, conflict];

export const Inspector = inspector.Component;
export const RunsPanel = runs.Component;
export const RunOverlay = overlay.Component;
export const CommandPalette = commands.Component;
export const ShortcutsDialog = shortcuts.Component;
export const PlanDialog = plan.Component;
export const ConflictDialog = conflict.Component;
