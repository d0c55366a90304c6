import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { WebhookTrigger } from '../../core/api/webhooks.ts';
import { Section } from '../settings/Section.tsx';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { DeliveryDialog } from './DeliveryDialog.tsx';
import { FireList } from './FireList.tsx';
import { MappingForm } from './MappingForm.tsx';
import { authWords, NewWebhook } from './NewWebhook.tsx';
import type { TriggerParts } from './trigger-parts.ts';
import { TriggerRow } from './TriggerRow.tsx';
import { SecretOnce } from './SecretOnce.tsx';

/** The webhooks of a workflow: their addresses, what arrived there, and what inputs are made of it. */
export function Webhooks({ items, ...parts }: TriggerParts & { items: readonly WebhookTrigger[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Section title="Webhooks" description="Addresses that other programs send messages to.">
      {items.length === 0 && <p className="mb-3 text-muted">No webhooks yet.</p>}
      <ul aria-label="Webhooks" className="flex flex-col gap-4">
        {items.map((webhook) => (
          <WebhookRow key={webhook.id} webhook={webhook} onSecret={setSecret} {...parts} />
        ))}
      </ul>
      {parts.canChange && (
        <Button className="mt-3" onClick={() => setIsOpen(true)}>
          <Plus size={14} aria-hidden /> New webhook
        </Button>
      )}
      {isOpen && <NewWebhook {...parts} onClose={() => setIsOpen(false)} onSecret={setSecret} />}
      <SecretOnce secret={secret} onClose={() => setSecret(null)} />
    </Section>
  );
}

function WebhookRow({
  webhook,
  workflowId,
  tools,
  canChange,
  inputs,
  onSecret,
}: TriggerParts & { webhook: WebhookTrigger; onSecret(secret: string): void }) {
  const [shown, setShown] = useState<string | null>(null);
  const { id, url, auth, hasOldSecret } = webhook;
  const name = webhook.name ?? 'Webhook';
  const changeSecret = () =>
    void tools.attempt(tools.api.changeSecret(id).then(onSecret), 'The secret could not be changed');
  return (
    <TriggerRow
      trigger={webhook}
      name={name}
      head={
        <>
          <p className="flex items-center gap-1">
            <code className="min-w-0 truncate text-xs select-all">
              {url ?? 'You may not see the address, or it can no longer be read.'}
            </code>
            {url !== null && <CopyButton text={url} label="Copy address" />}
          </p>
          <p className="text-xs text-faint">
            {authWords(auth)}
            {hasOldSecret && ' The old secret is accepted as well.'}
          </p>
        </>
      }
      removal={{
        title: 'Delete the webhook?',
        description: 'What is sent to its address is refused from then on. Its runs stay.',
        confirmLabel: 'Delete webhook',
      }}
      tools={tools}
      canChange={canChange}
    >
      {canChange && auth.type !== 'none' && (
        <div className="mt-2 flex flex-wrap gap-2">
          <Button size="sm" onClick={changeSecret}>
            New secret
          </Button>
          {hasOldSecret && (
            <Button size="sm" onClick={() => void tools.attempt(tools.api.endOldSecret(id), 'Not ended')}>
              End the old secret
            </Button>
          )}
        </div>
      )}
      <MappingForm webhook={webhook} inputs={inputs} tools={tools} canChange={canChange} />
      <h3 className="mt-3 mb-1 text-xs font-medium text-muted">Last ten deliveries</h3>
      <FireList
        workflowId={workflowId}
        triggerId={id}
        tools={tools}
        empty="Nothing has arrived yet. Send something to the address, and it shows here."
        actions={(fire) => (
          <>
            <Button size="sm" variant="ghost" onClick={() => setShown(fire.id)}>
              Look
            </Button>
            {canChange && (
              <Button
                size="sm"
                variant="ghost"
                onClick={() => void tools.attempt(tools.api.replay(fire.id), 'Not replayed')}
              >
                Replay
              </Button>
            )}
          </>
        )}
      />
      {shown !== null && (
        <DeliveryDialog fireId={shown} mapping={webhook.mapping} tools={tools} onClose={() => setShown(null)} />
      )}
    </TriggerRow>
  );
}
