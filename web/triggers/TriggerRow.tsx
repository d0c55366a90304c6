import { Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ScheduleTrigger } from '../../core/api/schedules.ts';
import type { NewFilesTrigger } from '../../core/api/triggers.ts';
import type { WebhookTrigger } from '../../core/api/webhooks.ts';
import { IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Switch } from '../ui/Switch.tsx';
import type { TriggerParts } from './trigger-parts.ts';

interface TriggerRowProps extends Pick<TriggerParts, 'tools' | 'canChange'> {
  readonly trigger: NewFilesTrigger | ScheduleTrigger | WebhookTrigger;
  readonly name: string;
  /** What it is, beside its switch. */
  readonly head: ReactNode;
  /** The words of the question whether to delete it. */
  readonly removal: { readonly title: string; readonly description: string; readonly confirmLabel: string };
  readonly children: ReactNode;
}

/** One trigger of any kind: turned on and off, deleted, and why it is paused where it is. */
export function TriggerRow({ trigger, name, head, removal, tools, canChange, children }: TriggerRowProps) {
  const [isRemoving, setIsRemoving] = useState(false);
  const { id, enabled, pausedReason } = trigger;
  return (
    <li aria-label={name} className="rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1">{head}</div>
        <Switch
          label={`${name} is on`}
          checked={enabled}
          disabled={!canChange}
          onChange={(on) => void tools.attempt(tools.api.change(id, { enabled: on }), 'Not changed')}
        />
        {canChange && (
          <IconButton label={`Delete ${name}`} onClick={() => setIsRemoving(true)}>
            <Trash2 size={15} />
          </IconButton>
        )}
      </div>
      {pausedReason !== null && (
        <p role="alert" className="mt-2 rounded-md bg-danger-soft px-3 py-2 text-xs text-danger">
          {pausedReason}
        </p>
      )}
      {children}
      <ConfirmDialog
        open={isRemoving}
        {...removal}
        onClose={() => setIsRemoving(false)}
        onConfirm={() => void tools.attempt(tools.api.remove(id), 'Not deleted')}
      />
    </li>
  );
}
