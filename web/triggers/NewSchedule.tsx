import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { misfirePolicies, overlapPolicies } from '../../core/api/schedules.ts';
import { askedInputs } from '../canvas/running/input-form.ts';
import { InputsForm } from '../canvas/running/InputsForm.tsx';
import type { InputStore } from '../canvas/running/kept-inputs.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Moment } from './FireList.tsx';
import { scheduleWords } from './schedule-words.ts';
import { misfireWords, overlapWords, type TriggerParts } from './trigger-parts.ts';

/** What people ask for most; anything else is typed. */
const common = [
  { value: '0 9 * * MON', label: 'Every Monday at 9:00' },
  { value: '0 9 * * MON-FRI', label: 'Every weekday at 9:00' },
  { value: '0 9 * * *', label: 'Every day at 9:00' },
  { value: '0 * * * *', label: 'Every hour' },
  { value: 'every 15 minutes', label: 'Every 15 minutes' },
  { value: '0 9 1 * *', label: 'The first of each month at 9:00' },
];

/** The values of a schedule are its own: those of the last run by hand are nothing to it. */
const noMemory: InputStore = { read: () => ({}), write: () => undefined };

/** Makes a schedule; shows when it would be due while it is typed. */
export function NewSchedule({ workflowId, tools, inputs, onClose }: TriggerParts & { onClose(): void }) {
  const formId = useId();
  const [cron, setCron] = useState(common[0]!.value);
  const [timeZone, setTimeZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [misfire, setMisfire] = useState<(typeof misfirePolicies)[number]>('once');
  const [overlap, setOverlap] = useState<(typeof overlapPolicies)[number]>('skip');
  const [isSaving, setIsSaving] = useState(false);
  const asked = useMemo(() => askedInputs(inputs), [inputs]);
  const zones = useMemo(() => [...new Set([timeZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])], [timeZone]);
  const words = scheduleWords(cron);
  const preview = useQuery({
    queryKey: ['schedule-preview', cron, timeZone],
    queryFn: ({ signal }) => tools.api.preview({ cron, timeZone }, signal),
    enabled: cron.trim() !== '',
    retry: false,
  });
  const save = async (values: Readonly<Record<string, unknown>>, tell: (refusal: unknown) => boolean) => {
    setIsSaving(true);
    const body = { kind: 'schedule' as const, cron, timeZone, misfire, overlap, inputs: { ...values } };
    const creating = tools.api.create(workflowId, body).catch((refusal: unknown) => {
      if (!tell(refusal)) throw refusal;
      return null;
    });
    const isDone = await tools.attempt(creating, 'The schedule could not be created');
    setIsSaving(false);
    if (isDone && (await creating) !== null) onClose();
  };
  return (
    <Dialog
      open
      title="New schedule"
      width={560}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" disabled={isSaving || preview.error !== null}>
            Create schedule
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Select
          label="Common schedules"
          value={common.some(({ value }) => value === cron) ? cron : ''}
          placeholder="Custom"
          groups={[{ options: common }]}
          onChange={setCron}
        />
        <Field
          label="Schedule"
          hint="Minute, hour, day, month and weekday, or an interval such as “every 13 hours”."
          error={preview.error?.message}
        >
          {({ id, describedBy, isInvalid }) => (
            <TextInput
              id={id}
              aria-describedby={describedBy}
              aria-invalid={isInvalid}
              value={cron}
              maxLength={200}
              onChange={(event) => setCron(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Time zone"
          hint="A time that the clock skips is due at the next one that exists; one that comes twice is due once."
        >
          {({ id, describedBy }) => (
            <select
              id={id}
              aria-describedby={describedBy}
              value={timeZone}
              className="h-8 w-full rounded-md border border-line bg-field px-2 text-sm text-ink hover:border-line-strong"
              onChange={(event) => setTimeZone(event.target.value)}
            >
              {zones.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          )}
        </Field>
        <div aria-live="polite" className="min-h-24 text-xs">
          {preview.error === null && words !== null && (
            <p className="mb-1 font-medium">
              {words}, {timeZone}
            </p>
          )}
          <p className="mb-1 font-medium text-muted">Next five</p>
          <ol aria-label="Next times of the new schedule" className="flex flex-col gap-0.5">
            {preview.data?.next.map((at) => (
              <li key={at}>
                <Moment at={at} timeZone={timeZone} />
              </li>
            ))}
          </ol>
        </div>
        <Select
          label="Missed times"
          value={misfire}
          groups={[
            {
              title: 'After an outage, times that were missed',
              options: misfirePolicies.map((value) => ({ value, label: `Missed times: ${misfireWords[value]}` })),
            },
          ]}
          onChange={(value) => setMisfire(misfirePolicies.find((policy) => policy === value) ?? 'once')}
        />
        <Select
          label="If one is still running"
          value={overlap}
          groups={[
            {
              title: 'While the run before is going on',
              options: overlapPolicies.map((value) => ({
                value,
                label: `If one is still running: ${overlapWords[value]}`,
              })),
            },
          ]}
          onChange={(value) => setOverlap(overlapPolicies.find((policy) => policy === value) ?? 'skip')}
        />
        <h3 className="mt-1 text-xs font-medium text-muted">Inputs of each run</h3>
        <InputsForm
          id={formId}
          asked={asked}
          kept={noMemory}
          isStarting={isSaving}
          emptyText="The workflow has no inputs."
          onRun={save}
        />
      </div>
    </Dialog>
  );
}
