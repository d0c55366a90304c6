import { lazyPart } from '../../ui/lazy-part.ts';
import { uploadPart } from '../files/upload-later.ts';

/** Where a panel stands beside the canvas. */
export const panelClass = 'w-80 shrink-0 border-l border-line bg-surface';
/** What the results take of the height, so that the canvas does not grow and shrink while they are loaded. */
const dockHeights = { open: 'h-43.5', closed: 'h-9.5' };

const panel = () => <aside aria-busy="true" className={panelClass} />;
const cover = () => <div className="h-full bg-canvas" aria-busy="true" />;

const inspector = lazyPart(() => import('../../inspector/Inspector.tsx'), 'Inspector', panel);
const runs = lazyPart(() => import('../../runs/RunsPanel.tsx'), 'RunsPanel', panel);
const overlay = lazyPart(() => import('../../runs/RunOverlay.tsx'), 'RunOverlay', cover);
const commands = lazyPart(() => import('../commands/CommandPalette.tsx'), 'CommandPalette');
const shortcuts = lazyPart(() => import('../commands/ShortcutsDialog.tsx'), 'ShortcutsDialog');
const plan = lazyPart(() => import('../running/PlanDialog.tsx'), 'PlanDialog');
const variants = lazyPart(() => import('../../variants/VariantsDialog.tsx'), 'VariantsDialog');
const packing = lazyPart(() => import('../packing/PackDialog.tsx'), 'PackDialog');
const settings = lazyPart(() => import('./WorkflowSettingsDialog.tsx'), 'WorkflowSettingsDialog');
const inputs = lazyPart(() => import('../running/InputsDialog.tsx'), 'InputsDialog');
const results = lazyPart(
  () => import('../../results/ResultsDock.tsx'),
  'ResultsDock',
  ({ isOpen }) => <div className={`bg-surface ${isOpen ? dockHeights.open : dockHeights.closed}`} />,
);
const publishing = lazyPart(() => import('../../publishing/PublishControls.tsx'), 'PublishControls');
const phone = lazyPart(() => import('../../results/PhoneView.tsx'), 'PhoneView', cover);
const empty = lazyPart(() => import('./EmptyCanvas.tsx'), 'EmptyCanvas');
const banner = lazyPart(() => import('../saving/SaveBanner.tsx'), 'SaveBanner');
const role = lazyPart(() => import('../../workspaces/RoleBanner.tsx'), 'RoleBanner');
const hints = lazyPart(() => import('./Hints.tsx'), 'Hints');
const lists = lazyPart(() => import('../lists/ListDialogs.tsx'), 'ListDialogs');
const conflict = lazyPart(() => import('../saving/ConflictDialog.tsx'), 'ConflictDialog');

/** What the editor does not need at first: it comes a little later, or when it is asked for. */
export const laterParts = [
  results,
  inspector,
  runs,
  overlay,
  commands,
  shortcuts,
  plan,
  variants,
  packing,
  settings,
  inputs,
  publishing,
  banner,
  role,
  conflict,
  uploadPart,
];

/** Loaded late: the panel with the form of the selected node. */
export const Inspector = inspector.Component;
/** Loaded late: the list of earlier runs. */
export const RunsPanel = runs.Component;
/** Loaded late: an earlier run in place of the canvas. */
export const RunOverlay = overlay.Component;
/** Loaded late: the searchable list of commands. */
export const CommandPalette = commands.Component;
/** Loaded late: the list of keyboard shortcuts. */
export const ShortcutsDialog = shortcuts.Component;
/** Loaded late: what a run would do, before it is started. */
export const PlanDialog = plan.Component;
/** Loaded late: one node with several settings at once. */
export const VariantsDialog = variants.Component;
/** Loaded late: makes a workflow of the selection. */
export const PackDialog = packing.Component;
/** Loaded late: what holds for the workflow as a whole. */
export const WorkflowSettingsDialog = settings.Component;
/** Loaded late: some elements of a list, and the end of one. */
export const ListDialogs = lists.Component;
/** Loaded late: asks for the values of the workflow's inputs. */
export const InputsDialog = inputs.Component;
/** Loaded late: the results of the shown run, under the canvas. */
export const ResultsDock = results.Component;
/** Loaded late: what is live, and the way to publish. */
export const PublishControls = publishing.Component;
/** Loaded late: the workflow on a phone. */
export const PhoneView = phone.Component;
/** Loaded late: what a blank canvas says. */
export const EmptyCanvas = empty.Component;
/** Loaded late: asks which version to keep when the workflow was changed elsewhere. */
export const ConflictDialog = conflict.Component;
/** Loaded late: why nothing can be changed. */
export const RoleBanner = role.Component;
/** Loaded late: what somebody has to know about the state of their work. */
export const SaveBanner = banner.Component;
/** Loaded late: puts the hints of the starter away. */
export const Hints = hints.Component;
