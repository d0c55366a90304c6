import type { ScheduleTrigger } from '../../core/api/schedules.ts';
import type { Trigger } from '../../core/api/triggers.ts';
import { createApiClient, type ApiClient } from '../run/api-client.ts';
import { invalid } from '../run/inputs.ts';
import { namedInputs } from '../run/named-inputs.ts';
import { idOf } from './versions.ts';

interface TriggersOptions {
  /** The id of a workflow, or the slug of a published one. */
  readonly workflow: string;
  readonly server: string;
  readonly apiKey: string | undefined;
  /** The id of the workspace to work in; default: that of the key. */
  readonly workspace?: string | undefined;
  readonly print: (text: string) => void;
}

interface ScheduleOptions extends TriggersOptions {
  /** Cron of five fields, or `every 15 minutes`. */
  readonly schedule: string;
  readonly timeZone: string;
  /** Each `name=value` of an input. */
  readonly inputs: readonly string[];
}

/** What is done to one of the triggers. */
export type TriggerAct = 'on' | 'off' | 'delete' | 'log';

/** `heddle triggers`: lists what starts a workflow by itself; with an act, does that to one of it first. */
export async function listTriggers(
  options: TriggersOptions & { readonly act: { readonly kind: TriggerAct; readonly id: string } | null },
): Promise<void> {
  const api = createApiClient(options);
  const { print, act } = options;
  const workflowId = await idOf(api, options.workflow);
  if (act?.kind === 'log') return printFires(api, await findTrigger(api, workflowId, act.id), print);
  if (act !== null) await change(api, await findTrigger(api, workflowId, act.id), act.kind);
  const triggers = await api.listTriggers(workflowId);
  if (triggers.length === 0) print('Nothing starts it by itself.');
  for (const trigger of triggers) for (const line of linesOf(trigger)) print(line);
}

/** `heddle schedule`: starts a workflow by a schedule, and prints when it is due. Throws REQUEST_INVALID with the server's words. */
export async function addSchedule(options: ScheduleOptions): Promise<void> {
  const api = createApiClient(options);
  const { workflow, schedule: cron, timeZone, print } = options;
  const workflowId = await idOf(api, workflow);
  const { inputs: schema } = await api.readInterface(workflowId);
  const inputs = await namedInputs({ slug: workflow, inputs: schema }, options.inputs, (path) => api.upload(path));
  const made = await api.createTrigger(workflowId, { kind: 'schedule', cron, timeZone, inputs });
  for (const line of linesOf(made)) print(line);
}

async function change(api: ApiClient, { id }: Trigger, act: 'on' | 'off' | 'delete'): Promise<void> {
  if (act === 'delete') await api.deleteTrigger(id);
  else await api.changeTrigger(id, { enabled: act === 'on' });
}

async function findTrigger(api: ApiClient, workflowId: number, name: string): Promise<Trigger> {
  const found = (await api.listTriggers(workflowId)).filter(({ id }) => name !== '' && id.endsWith(name));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  throw invalid(
    only === undefined
      ? `The workflow has no trigger "${name}". "heddle triggers" lists them.`
      : `${found.length} triggers end with "${name}". Give more of the id.`,
  );
}

/** The ids of triggers that were made one after another begin alike: the end tells them apart. */
const shownCharacters = 8;

function linesOf(trigger: Trigger): string[] {
  const state = trigger.enabled ? 'on ' : 'off';
  const about = aboutOf(trigger);
  const paused = trigger.pausedReason === null ? [] : [`          ${trigger.pausedReason}`];
  const next = trigger.kind === 'schedule' ? nextOf(trigger) : [];
  return [`${trigger.id.slice(-shownCharacters)}  ${state}  ${trigger.kind.padEnd(8)}  ${about}`, ...paused, ...next];
}

function aboutOf(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'schedule':
      return `${trigger.cron}  ${trigger.timeZone}`;
    case 'webhook':
      return trigger.url ?? 'unreadable';
    case 'file':
      return `new files in ${trigger.folder}`;
    case 'workflow':
      return `after ${trigger.sourceWorkflowId} (${trigger.events.join(', ')})`;
  }
}

function nextOf({ next }: ScheduleTrigger): string[] {
  const [first] = next;
  return first === undefined ? [] : [`          next: ${first}`];
}

async function printFires(api: ApiClient, trigger: Trigger, print: (text: string) => void): Promise<void> {
  const { items } = await api.listFires(trigger.id);
  if (items.length === 0) print('It has not fired yet.');
  for (const { dueAt, status, runId, reason } of items) {
    print(`${dueAt}  ${status.padEnd(9)}  ${runId ?? '-'}${reason === null ? '' : `  ${reason}`}`);
  }
}
