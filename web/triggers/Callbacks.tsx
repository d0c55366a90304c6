import { useQuery } from '@tanstack/react-query';
import { Plus, RefreshCw, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { callbackEvents, type Callback, type CallbackEvent, type CallbackMessage } from '../../core/api/callbacks.ts';
import { Section } from '../settings/Section.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { StatusIcon } from '../ui/Status.tsx';
import { Switch } from '../ui/Switch.tsx';
import { EventChecks } from './EventChecks.tsx';
import { Moment } from './FireList.tsx';
import { SecretOnce } from './SecretOnce.tsx';
import type { TriggerParts } from './trigger-parts.ts';
import { triggersKey } from './use-triggers.ts';

type CallbackParts = Omit<TriggerParts, 'inputs'>;

const eventWords: Record<CallbackEvent, string> = {
  finished: 'Runs that finished',
  failed: 'Runs that failed',
  waiting: 'Questions to people',
};

/** Addresses that are told of the runs of a workflow. */
export function Callbacks({ workflowId, tools, canChange }: CallbackParts) {
  const [secret, setSecret] = useState<string | null>(null);
  const { data, error } = useQuery({
    queryKey: [...triggersKey(workflowId), 'callbacks'],
    queryFn: () => tools.api.callbacks(workflowId),
  });
  return (
    <Section
      title="Callbacks"
      description="Addresses that are told when a run ends or asks a person, signed as Standard Webhooks."
    >
      {error !== null && <p className="text-danger">{error.message}</p>}
      {data?.length === 0 && <p className="mb-3 text-muted">No callbacks yet.</p>}
      <ul aria-label="Callbacks" className="flex flex-col gap-4">
        {data?.map((callback) => (
          <CallbackRow
            key={callback.id}
            callback={callback}
            workflowId={workflowId}
            tools={tools}
            canChange={canChange}
            onSecret={setSecret}
          />
        ))}
      </ul>
      {canChange && <NewCallback workflowId={workflowId} tools={tools} onSecret={setSecret} />}
      <SecretOnce secret={secret} onClose={() => setSecret(null)} />
    </Section>
  );
}

function NewCallback({
  workflowId,
  tools,
  onSecret,
}: Omit<CallbackParts, 'canChange'> & { onSecret(secret: string): void }) {
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState<readonly CallbackEvent[]>(['finished', 'failed']);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const creating = tools.api.createCallback(workflowId, { url, events: [...events] }).then((made) => {
      setUrl('');
      onSecret(made.secret);
    });
    void tools.attempt(creating, 'The callback could not be created');
  };
  return (
    <form onSubmit={onSubmit} className="mt-3 flex flex-wrap items-end gap-3">
      <div className="min-w-60 flex-1">
        <Field label="Address of the new callback">
          {({ id }) => (
            <TextInput
              id={id}
              type="url"
              required
              value={url}
              placeholder="https://"
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </Field>
      </div>
      <EventChecks events={callbackEvents} titles={eventWords} chosen={events} onChange={setEvents} />
      <Button type="submit" disabled={url.trim() === '' || events.length === 0}>
        <Plus size={14} aria-hidden /> Add callback
      </Button>
    </form>
  );
}

function CallbackRow({
  callback,
  workflowId,
  tools,
  canChange,
  onSecret,
}: CallbackParts & { callback: Callback; onSecret(secret: string): void }) {
  const [isRemoving, setIsRemoving] = useState(false);
  const { id, url, events, enabled, pausedReason, hasOldSecret } = callback;
  const { data } = useQuery({
    queryKey: [...triggersKey(workflowId), 'messages', id],
    queryFn: () => tools.api.messages(id),
  });
  return (
    <li aria-label={url} className="rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{url}</p>
          <p className="text-xs text-faint">{events.map((event) => eventWords[event]).join(', ')}</p>
        </div>
        <Switch
          label={`${url} is on`}
          checked={enabled}
          disabled={!canChange}
          onChange={(on) => void tools.attempt(tools.api.changeCallback(id, { enabled: on }), 'Not changed')}
        />
        {canChange && (
          <IconButton label={`Delete ${url}`} onClick={() => setIsRemoving(true)}>
            <Trash2 size={15} />
          </IconButton>
        )}
      </div>
      {pausedReason !== null && <p className="mt-1 text-xs text-danger">{pausedReason}</p>}
      {canChange && (
        <div className="mt-2 flex flex-wrap gap-2">
          <Button
            size="sm"
            onClick={() =>
              void tools.attempt(tools.api.changeCallbackSecret(id).then(onSecret), 'The secret was not changed')
            }
          >
            <RefreshCw size={13} aria-hidden /> New secret
          </Button>
          {hasOldSecret && (
            <Button
              size="sm"
              onClick={() => void tools.attempt(tools.api.endOldCallbackSecret(id), 'The old secret was not ended')}
            >
              End the old secret
            </Button>
          )}
        </div>
      )}
      <ul aria-label="Messages" className="mt-2 flex flex-col text-xs">
        {data?.slice(0, 10).map((message) => (
          <MessageRow
            key={message.id}
            message={message}
            onReplay={
              canChange && enabled
                ? () => void tools.attempt(tools.api.replayMessage(message.id), 'Not sent again')
                : null
            }
          />
        ))}
        {data?.length === 0 && <li className="text-faint">Nothing has been sent yet.</li>}
      </ul>
      <ConfirmDialog
        open={isRemoving}
        title="Delete the callback?"
        description={`${url} gets no more messages.`}
        confirmLabel="Delete callback"
        onClose={() => setIsRemoving(false)}
        onConfirm={() => void tools.attempt(tools.api.removeCallback(id), 'Not deleted')}
      />
    </li>
  );
}

const looks: Record<CallbackMessage['status'], readonly [look: string, word: string]> = {
  due: ['waiting', 'To be sent'],
  delivered: ['completed', 'Delivered'],
  failed: ['failed', 'Given up'],
};

function MessageRow({ message, onReplay }: { message: CallbackMessage; onReplay: (() => void) | null }) {
  const { status, event, createdAt, tries, error, nextTryAt } = message;
  const [look, word] = looks[status];
  return (
    <li className="flex flex-wrap items-center gap-x-2 border-t border-line py-1.5 first:border-t-0">
      <StatusIcon status={look} size={13} />
      <span className="font-medium">{word}</span>
      <span className="text-muted">{event}</span>
      <Moment at={createdAt} />
      {tries > 1 && <span className="text-muted">try {tries} of 8</span>}
      <span className="flex-1" />
      {onReplay !== null && (
        <Button size="sm" variant="ghost" onClick={onReplay}>
          Send again
        </Button>
      )}
      {error !== null && (
        <span className="w-full pl-5 text-muted">
          {error}
          {nextTryAt !== null && (
            <>
              {' '}
              Next try <Moment at={nextTryAt} />
            </>
          )}
        </span>
      )}
    </li>
  );
}
