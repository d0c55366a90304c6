import {
  afterWorkflowSettingsSchema,
  type AfterWorkflowSettings,
  type AfterWorkflowTrigger,
  type ChangeTrigger,
  type CreateAfterWorkflow,
} from '../../../core/api/triggers.ts';
import type { StoredLists } from '../../../assets/stored-lists.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { isAssetReference, type JsonValue } from '../../../core/node-type/values.ts';
import type { TriggerRow } from '../../../db/triggers/rows.ts';
import type { FireStarterDependencies } from '../../../engine/triggers/start-fires.ts';
import { describeRun } from '../../runs/describe-run.ts';
import type { RunDetails } from '../../runs/run-detail.ts';
import { mapValues, requireExpressions } from '../hooks/map-delivery.ts';
import { shownTrigger } from './shown-trigger.ts';

/** Throws FindingsError where an expression cannot be read. */
export function newAfterWorkflow({
  version,
  events,
  mapping,
}: Pick<CreateAfterWorkflow, 'version' | 'events' | 'mapping'>): AfterWorkflowSettings {
  requireExpressions(mapping, (name) => `mapping.${name}`);
  return { version, events, mapping };
}

/** The settings after a change. Throws as `newAfterWorkflow` does. */
export function changedAfterWorkflow(
  trigger: TriggerRow,
  change: Omit<ChangeTrigger, 'name' | 'enabled' | 'inputs'>,
): AfterWorkflowSettings {
  const before = afterWorkflowSettingsSchema.parse(trigger.settings);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return newAfterWorkflow({ ...before, ...given });
}

/** A trigger by the end of another workflow as its owner sees it. */
export function shownAfterWorkflow(trigger: TriggerRow): AfterWorkflowTrigger {
  const { id, failures, sourceWorkflowId } = trigger;
  if (sourceWorkflowId === null) throw new Error(`Trigger ${id} is about no workflow.`);
  return {
    ...shownTrigger(trigger),
    kind: 'workflow',
    sourceWorkflowId,
    ...afterWorkflowSettingsSchema.parse(trigger.settings),
    failures,
  };
}

/** What a mapping finds in a run that ended: its `status`, `inputs`, `outputs` and so on, with files by their ids. */
export function createInputsAfter(
  details: RunDetails,
  lists: Pick<StoredLists, 'read'>,
): FireStarterDependencies['inputsAfter'] {
  return async ({ runId, mapping }, { userId, inputs }) => {
    const run = await describeRun(details, userId, runId);
    if (run === null) {
      throw new TerminalError('RUN_NOT_FOUND', `Run ${runId}, which this one follows, was deleted. Run it again.`);
    }
    const outputs: [string, unknown][] = [];
    for (const [name, value] of Object.entries(run.outputs))
      outputs.push([name, namesOutput(mapping, name) ? await lists.read(userId, value as JsonValue) : value]);
    const told = { ...run, outputs: Object.fromEntries(outputs) };
    return mapValues(mapping, inputs, withIds(JSON.parse(JSON.stringify(told)) as JsonValue));
  };
}

/** Whether a mapping may take an output: by its name, or with all of them. Others are not read from their files. */
function namesOutput(mapping: Readonly<Record<string, string>>, name: string): boolean {
  return Object.values(mapping).some(
    (expression) => expression.includes(name) || /[@*]|outputs(?!\s*\.\s*[\w"])/.test(expression),
  );
}

/** A value with the id of each file in its place, as inputs take it. */
function withIds(value: JsonValue): JsonValue {
  if (isAssetReference(value)) return value.assetId;
  if (Array.isArray(value)) return value.map(withIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withIds(member)]));
}
