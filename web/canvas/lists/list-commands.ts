import { isRunFinished } from '../../../core/run/status.ts';
import type { ApiClient } from '../../api/client.ts';
import type { CommandContext } from '../commands/command-context.ts';
import type { Command } from '../commands/command.ts';
import type { ListCommandId } from '../commands/commands.ts';
import type { CanvasEnvironment } from '../environment.ts';
import type { ListPart } from '../../graph/list-part.ts';
import { isMapped, nameIn, targetOf, type ListScene } from './list-target.ts';
import { canRetryNow, countMissing } from './list-words.ts';
import { runOnSome, steeringFailures, steerList } from './steer-list.ts';

/** As many as one looks at to see whether all of them are worth it. */
const few = 3;

/** What commands about lists need beside what all commands do. */
export interface ListCommandsOn extends Pick<CanvasEnvironment, 'runs' | 'catalogue' | 'mayRun' | 'retryRun'> {
  readonly api: Pick<ApiClient, 'request'>;
  readonly part: Pick<ListPart, 'listsOf'>;
  /** The first of the selected nodes; null or undefined where none is. */
  readonly selected: string | null | undefined;
}

/**
 * Running on some elements of a list, and what can be done with a list under way. Runs go on by themselves: titles and
 * whether a command is enabled are those of the moment at which they are read.
 */
export function listCommands(
  { store, canRunParts, canCancel, facts, openPanel, report }: CommandContext,
  { runs, catalogue, mayRun, retryRun, api, part, selected }: ListCommandsOn,
): Record<ListCommandId, Command> {
  const scene = (): ListScene => ({ state: store.getState(), view: runs.api.getState().view, catalogue, part });
  const open = () => targetOf(scene());
  const chosen = () => {
    if (!canRunParts || facts.isStarting || facts.selectedCount !== 1 || selected == null) return null;
    return isMapped(scene(), selected) ? selected : null;
  };
  const incomplete = () => {
    const { run } = scene().view ?? {};
    if (!mayRun || run === undefined || !isRunFinished(run.status)) return null;
    return targetOf(scene(), ({ parts }) => countMissing(parts) > 0);
  };
  const failing = () => (canCancel ? targetOf(scene(), canRetryNow) : null);
  const titled = (words: string, of: { readonly nodeId: string } | null) =>
    of === null ? `${words} a list` : `${words} the list of “${nameIn(scene(), of.nodeId)}”`;
  return {
    'list-first': {
      group: 'Run',
      title: 'Try on the first three elements',
      keys: ['Shift+R'],
      get isEnabled() {
        return chosen() !== null;
      },
      run: () => {
        const nodeId = chosen();
        if (nodeId !== null) void runOnSome(store.getState(), nodeId, { first: few });
      },
    },
    'list-some': {
      group: 'Run',
      title: 'Run on some elements …',
      keys: ['Shift+E'],
      get isEnabled() {
        return chosen() !== null;
      },
      run: () => openPanel({ type: 'open-dialog', dialog: 'elements' }),
    },
    'list-retry': {
      group: 'Run',
      title: 'Retry the elements that failed',
      get isEnabled() {
        return incomplete() !== null || failing() !== null;
      },
      run: () => {
        const target = failing();
        if (target === null) retryRun();
        else report(steerList(api, target, 'retryFailed'), steeringFailures.retryFailed);
      },
    },
    'list-pause': {
      group: 'Run',
      get title() {
        const target = open();
        return titled(target?.parts.paused === true ? 'Go on with' : 'Pause', target);
      },
      keys: ['Shift+L'],
      get isEnabled() {
        return canCancel && open() !== null;
      },
      run: () => {
        const target = open();
        if (target === null) return;
        const action = target.parts.paused === true ? 'goOn' : 'pause';
        report(steerList(api, target, action), steeringFailures[action]);
      },
    },
    'list-cancel': {
      group: 'Run',
      get title() {
        return titled('Cancel', open());
      },
      keys: ['Shift+C'],
      get isEnabled() {
        return canCancel && open() !== null;
      },
      run: () => openPanel({ type: 'open-dialog', dialog: 'cancel-list' }),
    },
  };
}
