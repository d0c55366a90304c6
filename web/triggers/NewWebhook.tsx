import { useId, useState, type FormEvent } from 'react';
import { hmacPresets, type HmacPreset, type HookAuth } from '../../core/api/webhooks.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import type { NewTriggerBody } from './triggers-api.ts';
import type { TriggerParts } from './trigger-parts.ts';

const presetWords: Record<HmacPreset, string> = {
  github: 'Signed by GitHub',
  stripe: 'Signed by Stripe',
  slack: 'Signed by Slack',
  standard: 'Signed as Standard Webhooks',
  plain: 'Signed with HMAC-SHA256 in a header',
};

const options = [
  { value: 'none', label: 'Whoever knows the address' },
  { value: 'header', label: 'A secret in a header' },
  { value: 'basic', label: 'A user name and a password' },
  ...hmacPresets.toReversed().map((preset) => ({ value: preset, label: presetWords[preset] })),
];

/** Who may send, in words. */
export function authWords(auth: HookAuth): string {
  switch (auth.type) {
    case 'none':
      return 'Whoever knows the address may send.';
    case 'header':
      return `The header ${auth.header} has to hold the secret.`;
    case 'basic':
      return `Signed in as ${auth.username}, with the secret as the password.`;
    case 'hmac':
      return auth.preset === 'plain' ? `Signed in the header ${auth.header}.` : `${presetWords[auth.preset]}.`;
  }
}

/** Makes a webhook; its secret is shown once. */
export function NewWebhook({
  workflowId,
  tools,
  onClose,
  onSecret,
}: TriggerParts & { onClose(): void; onSecret(secret: string): void }) {
  const formId = useId();
  const [kind, setKind] = useState('none');
  const [header, setHeader] = useState('');
  const [username, setUsername] = useState('');
  const [secret, setSecret] = useState('');
  const [isSaving, setIsSaving] = useState(false);
  const preset = hmacPresets.find((one) => one === kind);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setIsSaving(true);
    const creating = tools.api.create(workflowId, bodyOf()).then((made) => {
      onClose();
      if (made.kind === 'webhook' && made.secret !== null && secret === '') onSecret(made.secret);
    });
    void tools.attempt(creating, 'The webhook could not be created').then(() => setIsSaving(false));
  };

  function bodyOf(): NewTriggerBody {
    const named = header.trim() === '' ? {} : { header: header.trim() };
    const own = kind === 'none' || secret === '' ? {} : { secret };
    if (preset !== undefined) return { kind: 'webhook', auth: { type: 'hmac', preset, ...named }, ...own };
    if (kind === 'basic') return { kind: 'webhook', auth: { type: 'basic', username }, ...own };
    if (kind === 'header') return { kind: 'webhook', auth: { type: 'header', ...named }, ...own };
    return { kind: 'webhook', auth: { type: 'none' } };
  }

  return (
    <Dialog
      open
      title="New webhook"
      width={480}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" disabled={isSaving}>
            Create webhook
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={onSubmit} className="flex flex-col gap-3">
        <Select label="Who may send" value={kind} groups={[{ options }]} onChange={setKind} />
        {(kind === 'header' || kind === 'plain') && (
          <Field label="Name of the header">
            {({ id }) => (
              <TextInput
                id={id}
                value={header}
                placeholder={kind === 'header' ? 'X-Webhook-Secret' : 'X-Signature-256'}
                onChange={(event) => setHeader(event.target.value)}
              />
            )}
          </Field>
        )}
        {kind === 'basic' && (
          <Field label="User name">
            {({ id }) => (
              <TextInput id={id} required value={username} onChange={(event) => setUsername(event.target.value)} />
            )}
          </Field>
        )}
        {kind !== 'none' && (
          <Field label="Secret" hint="Leave it empty for a new one, or enter the one that Stripe or Slack gives you.">
            {({ id, describedBy }) => (
              <TextInput
                id={id}
                aria-describedby={describedBy}
                type="password"
                autoComplete="off"
                value={secret}
                onChange={(event) => setSecret(event.target.value)}
              />
            )}
          </Field>
        )}
      </form>
    </Dialog>
  );
}
