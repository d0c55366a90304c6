import { beforeEach, describe, expect, test } from '@jest/globals';
import { nodeDefinitions } from '../../../nodes/definitions.ts';
import { describeNodeType } from '../../../core/node-type/describe.ts';
import { catalogueFrom } from '../../graph/catalogue.ts';
import { createWorkflowStore, type WorkflowStoreApi } from '../../store/workflow-store.ts';
import type { PanelAction } from '../panels/panels.ts';
import { workflowFacts, type CommandContext } from './command-context.ts';
import { appMenu, manyMenu, menuEntries, nodeMenu, paneMenu, runMenu } from './command-menu.ts';
import { createCommands, type CommandId, type Commands } from './commands.ts';

const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
let store: WorkflowStoreApi;
let calls: string[];
let actions: PanelAction[];

beforeEach(() => {
  let ids = 0;
  calls = [];
  actions = [];
  store = createWorkflowStore(
    {
      catalogue,
      createId: () => `id${(ids += 1)}`,
      now: () => 0,
      notify: () => undefined,
      startRun: async ({ mode, nodeIds }) => void calls.push(`run ${mode} ${nodeIds?.join(' ') ?? ''}`.trim()),
    },
    { nodes: [], edges: [] },
  );
});

const state = () => store.getState();
const called = (call: string) => async () => {
  calls.push(call);
  return true;
};

function commands(change: Partial<CommandContext> = {}): Commands {
  return createCommands({
    store,
    flow: { fitView: called('fit'), zoomIn: called('zoom in'), zoomOut: called('zoom out') },
    canEdit: true,
    canRun: true,
    canRunParts: true,
    canCancel: true,
    facts: workflowFacts(state()),
    activeRun: null,
    isSnapping: false,
    isPaletteOpen: true,
    isInspectorOpen: true,
    areRunsOpen: false,
    openPanel: (action) => actions.push(action),
    work: {
      cancelRun: (runId) => called(`cancel ${runId}`)(),
      save: called('save'),
      exportWorkflow: called('export'),
      unpackCall: called('unpack'),
      openTriggers: () => void calls.push('triggers'),
      openLinks: () => void calls.push('links'),
      openBatches: () => void calls.push('batches'),
      addNote: () => calls.push('note'),
      quickAdd: () => calls.push('quick add'),
    },
    report: () => undefined,
    ...change,
  });
}

const enabledOf = (all: Commands) =>
  (Object.keys(all) as CommandId[]).filter((id) => all[id].isEnabled !== false && all[id].isNative !== true);

/** What changes neither the workflow nor the server. */
const harmless: readonly CommandId[] = [
  'select-all',
  'clear-selection',
  'fit',
  'fit-selection',
  'zoom-in',
  'zoom-out',
  'snap',
  'palette',
  'inspector',
  'inspect',
  'runs',
  'commands',
  'shortcuts',
  'export',
  'triggers',
];

describe('what can be done', () => {
  test('to an empty workflow is adding, looking and saving', () => {
    const enabled = enabledOf(commands());
    expect(enabled).toEqual(expect.arrayContaining(['quick-add', 'note', 'save', 'palette', 'fit']));
    for (const id of ['run-all', 'run-selected', 'run-plan', 'undo', 'delete', 'tidy', 'export'] as const) {
      expect(enabled).not.toContain(id);
    }
  });

  test('where nothing can be changed is looking, and canceling a run', () => {
    state().addNode('text', { x: 0, y: 0 });
    const looking = { canEdit: false, canRun: false, canRunParts: false };
    expect(enabledOf(commands(looking)).toSorted()).toEqual(harmless.toSorted());
    expect(enabledOf(commands({ ...looking, activeRun: 'r1' }))).toContain('run-cancel');
    // A role that may not run it may not stop it either.
    expect(enabledOf(commands({ ...looking, canCancel: false, activeRun: 'r1' }))).not.toContain('run-cancel');
  });

  test('on a phone is looking, and running all of it', () => {
    state().addNode('text', { x: 0, y: 0 });
    const phone = { canEdit: false, canRunParts: false };
    expect(enabledOf(commands(phone)).toSorted()).toEqual([...harmless, 'run-all', 'batches'].toSorted());
  });

  test('with a role that may only run is looking, and running all or a part of it', () => {
    state().addNode('text', { x: 0, y: 0 });
    const runs = ['run-all', 'run-plan', 'run-selected', 'run-from', 'run-to', 'batches'] as const;
    state().selectNodes([state().nodes[0]!.id]);
    const facts = workflowFacts(state());
    expect(enabledOf(commands({ canEdit: false, facts })).toSorted()).toEqual([...harmless, ...runs].toSorted());
  });

  test('to a run that is being started is waiting for it', () => {
    state().addNode('text', { x: 0, y: 0 });
    const facts = { ...workflowFacts(state()), isStarting: true };
    const { 'run-all': all, 'run-selected': selected, 'run-from': from } = commands({ facts });
    expect([all, selected, from].map(({ isEnabled }) => isEnabled)).toEqual([false, false, false]);
  });

  test('to several nodes includes aligning them, to one its name', () => {
    state().addNode('text', { x: 0, y: 0 });
    expect(enabledOf(commands())).toContain('rename');
    expect(enabledOf(commands())).not.toContain('align-left');
    state().addNode('text', { x: 400, y: 0 });
    commands()['select-all'].run();
    expect(enabledOf(commands())).toContain('align-left');
    expect(enabledOf(commands())).not.toContain('rename');
  });
});

describe('a title', () => {
  test('names the step that it takes back', () => {
    state().addNode('text', { x: 0, y: 0 });
    const label = state().history.past.at(-1)?.label ?? '';
    expect(label).not.toBe('');
    expect(commands().undo.title.toLowerCase()).toBe(`undo ${label.toLowerCase()}`);
    commands().undo.run();
    expect(commands().redo.title.toLowerCase()).toBe(`redo ${label.toLowerCase()}`);
  });

  test('says whether all that is selected is turned off', () => {
    state().addNode('text', { x: 0, y: 0 });
    expect(commands()['toggle-off'].title).toBe('Turn off this node');
    commands()['toggle-off'].run();
    expect(commands()['toggle-off'].title).toBe('Turn on this node');
    state().addNode('text', { x: 400, y: 0 });
    commands()['select-all'].run();
    expect(commands()['toggle-off'].title).toBe('Turn off the selection');
  });
});

describe('running a command', () => {
  test('starts the part of the workflow that is selected', () => {
    const id = state().addNode('text', { x: 0, y: 0 });
    commands()['run-to'].run();
    expect(calls).toEqual([`run to ${id}`]);
  });

  test('cancels the run that is under way, and no other', () => {
    commands()['run-cancel'].run();
    expect(calls).toEqual([]);
    commands({ activeRun: 'r7' })['run-cancel'].run();
    expect(calls).toEqual(['cancel r7']);
  });

  test('opens what belongs to it', () => {
    const all = commands();
    for (const id of ['run-plan', 'commands', 'shortcuts', 'runs', 'inspect', 'snap'] as const) all[id].run();
    expect(actions).toEqual([
      { type: 'open-dialog', dialog: 'plan' },
      { type: 'open-dialog', dialog: 'commands' },
      { type: 'open-dialog', dialog: 'shortcuts' },
      { type: 'toggle-runs' },
      { type: 'go-to-inspector' },
      { type: 'toggle-snapping' },
    ]);
  });
});

test('no two commands share a key or a title', () => {
  const all = Object.values(commands());
  const keys = all.flatMap((command) => command.keys ?? []);
  expect(keys.length).toBeGreaterThan(20);
  expect(keys).toEqual([...new Set(keys)]);
  const titles = all.map(({ title }) => title);
  expect(titles).toEqual([...new Set(titles)]);
});

test('commands stand under their headings in one piece, as the palette and the shortcuts list them', () => {
  const groups = Object.values(commands()).map(({ group }) => group);
  const changes = groups.filter((group, index) => group !== groups[index - 1]);
  expect(changes).toEqual(['Run', 'Edit', 'Arrange', 'View', 'Workflow']);
});

test('a menu shows each command as it is now, with its first key', () => {
  state().addNode('text', { x: 0, y: 0 });
  const all = commands();
  const entries = menuEntries(all, ['delete', null, 'align-left']);
  expect(entries).toEqual([
    { label: 'Delete', disabled: false, isDanger: true, shortcut: 'Del', onSelect: all.delete.run },
    null,
    { label: all['align-left'].title, disabled: true, isDanger: false, onSelect: all['align-left'].run },
  ]);
});

test('no menu begins or ends with a line, or offers a command twice', () => {
  for (const menu of [nodeMenu, manyMenu, paneMenu, runMenu, appMenu]) {
    expect(menu.at(0)).not.toBeNull();
    expect(menu.at(-1)).not.toBeNull();
    const ids = menu.filter((id) => id !== null);
    expect(ids).toEqual([...new Set(ids)]);
  }
});
