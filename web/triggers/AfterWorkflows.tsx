import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { endEvents, type AfterWorkflowTrigger, type EndEvent } from '../../core/api/triggers.ts';
import { useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { EventChecks } from './EventChecks.tsx';
import { FireList } from './FireList.tsx';
import type { TriggerParts } from './trigger-parts.ts';

const endWords: Record<EndEvent, string> = { completed: 'completed', failed: 'failed', cancelled: 'canceled' };

/** The names of the workflows that there are to follow, by id. */
function useWorkflowNames(): ReadonlyMap<number, string> | undefined {
  const { api } = useApp();
  const { data } = useQuery({
    queryKey: ['workflows', 'names'],
    queryFn: () => api.listWorkflows({ sort: 'name', limit: 100 }),
  });
  return data === undefined ? undefined : new Map(data.items.map(({ id, name }) => [id, name]));
}

/** Other workflows whose ends start this one. */
export function AfterWorkflows({ items, ...parts }: TriggerParts & { items: readonly AfterWorkflowTrigger[] }) {
  const names = useWorkflowNames();
  return (
    <Section title="After other workflows" description="A run starts when a run of another workflow ends.">
      {items.length === 0 && <p className="mb-3 text-muted">This workflow does not follow any other yet.</p>}
      <ul aria-label="Other workflows" className="flex flex-col gap-4">
        {items.map((trigger) => (
          <FollowedRow
            key={trigger.id}
            trigger={trigger}
            name={names?.get(trigger.sourceWorkflowId) ?? `workflow ${trigger.sourceWorkflowId}`}
            {...parts}
          />
        ))}
      </ul>
      {parts.canChange && names !== undefined && <NewFollowed names={names} {...parts} />}
    </Section>
  );
}

function FollowedRow({
  trigger,
  name,
  workflowId,
  tools,
  canChange,
}: Omit<TriggerParts, 'inputs'> & { trigger: AfterWorkflowTrigger; name: string }) {
  const [isRemoving, setIsRemoving] = useState(false);
  const { id, sourceWorkflowId, events, enabled, pausedReason, mapping } = trigger;
  const mapped = Object.entries(mapping);
  return (
    <li aria-label={name} className="rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium break-words">
            After{' '}
            <Link to={`/workflows/${sourceWorkflowId}`} className="hover:underline">
              {name}
            </Link>{' '}
            {events.map((event) => endWords[event]).join(' or ')}
          </p>
          {mapped.length > 0 && (
            <p className="text-xs break-words text-faint">
              {mapped.map(([input, expression]) => `${input}: ${expression}`).join(', ')}
            </p>
          )}
        </div>
        <Switch
          label={`After ${name} is on`}
          checked={enabled}
          disabled={!canChange}
          onChange={(on) => void tools.attempt(tools.api.change(id, { enabled: on }), 'Not changed')}
        />
        {canChange && (
          <IconButton label={`Stop following ${name}`} onClick={() => setIsRemoving(true)}>
            <Trash2 size={15} />
          </IconButton>
        )}
      </div>
      {pausedReason !== null && (
        <p role="alert" className="mt-2 rounded-md bg-danger-soft px-3 py-2 text-xs text-danger">
          {pausedReason}
        </p>
      )}
      <h3 className="mt-3 mb-1 text-xs font-medium text-muted">Last ten</h3>
      <FireList workflowId={workflowId} triggerId={id} tools={tools} empty="No run has ended since." />
      <ConfirmDialog
        open={isRemoving}
        title={`Stop following ${name}?`}
        description="Runs that it started stay."
        confirmLabel="Delete"
        onClose={() => setIsRemoving(false)}
        onConfirm={() => void tools.attempt(tools.api.remove(id), 'Not deleted')}
      />
    </li>
  );
}

const endTitles: Readonly<Record<EndEvent, string>> = {
  completed: 'Runs that completed',
  failed: 'Runs that failed',
  cancelled: 'Runs that were canceled',
};

function NewFollowed({
  names,
  workflowId,
  tools,
  inputs,
}: Omit<TriggerParts, 'canChange'> & { names: ReadonlyMap<number, string> }) {
  const others = [...names].filter(([id]) => id !== workflowId);
  const [source, setSource] = useState('');
  const [events, setEvents] = useState<readonly EndEvent[]>(['completed']);
  const [mapping, setMapping] = useState<Readonly<Record<string, string>>>({});
  const known = Object.keys((inputs['properties'] ?? {}) as object);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.entries(mapping).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()]]));
    const body = { sourceWorkflowId: Number(source), events: [...events], mapping: Object.fromEntries(given) };
    const creating = tools.api.create(workflowId, { kind: 'workflow', ...body }).then(() => {
      setSource('');
      setMapping({});
    });
    void tools.attempt(creating, 'It could not be set up');
  };
  if (others.length === 0) return null;
  return (
    <form onSubmit={onSubmit} aria-label="Follow a workflow" className="mt-3 flex max-w-100 flex-col gap-3">
      <Select
        label="Workflow to follow"
        value={source}
        placeholder="Choose a workflow"
        groups={[{ options: others.map(([id, name]) => ({ value: String(id), label: name })) }]}
        onChange={setSource}
      />
      {source !== '' && (
        <>
          <div className="flex flex-wrap gap-3">
            <EventChecks events={endEvents} titles={endTitles} chosen={events} onChange={setEvents} />
          </div>
          {known.length > 0 && (
            <p className="text-xs text-muted">
              Inputs from the run that ended: JMESPath over <code>outputs</code>, <code>inputs</code>,{' '}
              <code>status</code> and <code>error</code>.
            </p>
          )}
          {known.map((name) => (
            <Field key={name} label={name}>
              {({ id }) => (
                <TextInput
                  id={id}
                  value={mapping[name] ?? ''}
                  placeholder={`outputs.${name}`}
                  onChange={(event) => setMapping({ ...mapping, [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </>
      )}
      <div>
        <Button type="submit" disabled={source === '' || events.length === 0}>
          <Plus size={14} aria-hidden /> Follow workflow
        </Button>
      </div>
    </form>
  );
}
