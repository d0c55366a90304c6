import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { ScheduleTrigger } from '../../core/api/schedules.ts';
import { isEvery } from '../../core/triggers/every.ts';
import { Section } from '../settings/Section.tsx';
import { Button } from '../ui/Button.tsx';
import { FireList, Moment } from './FireList.tsx';
import { NewSchedule } from './NewSchedule.tsx';
import { scheduleWords } from './schedule-words.ts';
import { misfireWords, overlapWords, type TriggerParts } from './trigger-parts.ts';
import { TriggerRow } from './TriggerRow.tsx';

/** The schedules of a workflow: their next five times, and their last ten. */
export function Schedules({ items, ...parts }: TriggerParts & { items: readonly ScheduleTrigger[] }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Section title="Schedules" description="Times of a week or a month in a time zone, or an interval.">
      {items.length === 0 && <p className="mb-3 text-muted">No schedules yet.</p>}
      <ul aria-label="Schedules" className="flex flex-col gap-4">
        {items.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} {...parts} />
        ))}
      </ul>
      {parts.canChange && (
        <Button className="mt-3" onClick={() => setIsOpen(true)}>
          <Plus size={14} aria-hidden /> New schedule
        </Button>
      )}
      {isOpen && <NewSchedule {...parts} onClose={() => setIsOpen(false)} />}
    </Section>
  );
}

function ScheduleRow({
  schedule,
  workflowId,
  tools,
  canChange,
}: Omit<TriggerParts, 'inputs'> & { schedule: ScheduleTrigger }) {
  const { id, cron, timeZone, enabled, next, misfire, overlap } = schedule;
  const words = scheduleWords(cron);
  const name = schedule.name ?? words ?? cron;
  return (
    <TriggerRow
      trigger={schedule}
      name={name}
      head={
        <>
          <p className="font-medium break-words">
            {words ?? <code>{cron}</code>} <span className="text-xs font-normal text-muted">{timeZone}</span>
          </p>
          {words !== null && !isEvery(cron) && (
            <p className="text-xs text-faint">
              <code>{cron}</code>
            </p>
          )}
          <p className="text-xs text-faint">
            Missed times: {misfireWords[misfire]}. While the run before is going on: {overlapWords[overlap]}.
          </p>
        </>
      }
      removal={{
        title: `Delete the schedule “${name}”?`,
        description: 'Its runs stay.',
        confirmLabel: 'Delete schedule',
      }}
      tools={tools}
      canChange={canChange}
    >
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        <div>
          <h3 className="mb-1 text-xs font-medium text-muted">Next five</h3>
          <ol aria-label="Next times" className="flex flex-col gap-1 text-xs">
            {next.map((at) => (
              <li key={at}>
                <Moment at={at} timeZone={timeZone} />
              </li>
            ))}
          </ol>
          {next.length === 0 && (
            <p className="text-xs text-faint">{enabled ? 'There are no more.' : 'It is turned off.'}</p>
          )}
        </div>
        <div>
          <h3 className="mb-1 text-xs font-medium text-muted">Last ten</h3>
          <FireList
            workflowId={workflowId}
            triggerId={id}
            tools={tools}
            timeZone={timeZone}
            empty="It has not been due yet."
          />
        </div>
      </div>
    </TriggerRow>
  );
}
