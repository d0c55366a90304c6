import { useState } from 'react';
import { useConfig } from '../../api/context.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field, NumberInput } from '../../ui/Field.tsx';
import { useEnvironment } from '../environment.ts';
import type { EditSession } from '../session/edit-session.ts';

const minuteMs = 60_000;
/** What the server takes at least, in minutes. */
const shortest = 1_000 / minuteMs;

/** What holds for the workflow as a whole; saved with the graph, as one step back. */
export function WorkflowSettingsDialog({ session, onClose }: { session: EditSession; onClose(): void }) {
  const runs = useConfig().data?.limits?.runs;
  const { mayEdit } = useEnvironment();
  const [before] = useState(() => session.store.getState().settings);
  const [minutes, setMinutes] = useState(
    before?.runTimeoutMs === undefined ? undefined : before.runTimeoutMs / minuteMs,
  );
  const [words, setWords] = useState<string | null>(null);
  const save = () => {
    const { runTimeoutMs: _before, ...others } = before ?? {};
    const runTimeoutMs = minutes === undefined ? undefined : Math.round(minutes * minuteMs);
    if (runTimeoutMs !== before?.runTimeoutMs)
      session.store.getState().changeSettings({ ...others, ...(runTimeoutMs !== undefined && { runTimeoutMs }) });
    onClose();
  };
  const most = runs?.maxTimeoutMs;
  const hint = [
    'Time in which a run only waits, for people, dates or jobs elsewhere, does not count.',
    ...(runs === undefined ? [] : [`Empty: ${inMinutes(runs.timeoutMs)}, as here by default.`]),
    ...(most === undefined ? [] : [`At most ${inMinutes(most)}.`]),
  ].join(' ');
  return (
    <Dialog
      open
      title="Workflow settings"
      description="Versions and exported files carry them along. Runs that have begun keep those that they began with."
      width={480}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={!mayEdit} onClick={save}>
            Save settings
          </Button>
        </>
      }
    >
      <Field label="Time limit of a run" hint={hint} error={words ?? undefined}>
        {({ id, describedBy, isInvalid }) => (
          <NumberInput
            id={id}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            rules={{ unit: 'min', min: shortest, ...(most !== undefined && { max: most / minuteMs }) }}
            placeholder={runs === undefined ? undefined : String(runs.timeoutMs / minuteMs)}
            value={minutes}
            disabled={!mayEdit}
            onChange={setMinutes}
            onWords={setWords}
          />
        )}
      </Field>
    </Dialog>
  );
}

function inMinutes(ms: number): string {
  const minutes = ms / minuteMs;
  return `${minutes.toLocaleString('en-US', { maximumFractionDigits: 2 })} ${minutes === 1 ? 'minute' : 'minutes'}`;
}
