import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { queryKeys, useApp, useConfig, useMe, useProviders } from '../api/context.ts';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { ConfirmDialog, Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { OwnKeys } from './OwnKeys.tsx';
import { Section } from './Section.tsx';
import { countOf } from '../ui/format.ts';
import { Select } from '../ui/Select.tsx';
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../ui/theme.ts';
import { Time } from '../ui/Time.tsx';
import { Usage } from './Usage.tsx';

/** The account, its keys, what the server is set up for, and the look. */
export function SettingsPage() {
  const { data: me } = useMe();
  const { data: config } = useConfig();
  const theme = useThemeChoice();
  return (
    <PageFrame title="Settings">
      <h1 className="mb-5 text-lg font-semibold">Settings</h1>
      <div className="flex max-w-180 flex-col gap-6">
        <Section title="Profile">
          <dl className="grid grid-cols-[120px_1fr] gap-y-1.5">
            <dt className="text-muted">E-mail</dt>
            <dd>{me?.email ?? '…'}</dd>
            {me !== undefined && [me.firstName, me.lastName].some(Boolean) && (
              <>
                <dt className="text-muted">Name</dt>
                <dd>{[me.firstName, me.lastName].filter(Boolean).join(' ')}</dd>
              </>
            )}
            <dt className="text-muted">Role</dt>
            <dd className="capitalize">{me?.role ?? '…'}</dd>
          </dl>
        </Section>
        <Section title="Look">
          <div className="flex items-center justify-between gap-4">
            <span className="text-muted">Theme</span>
            <Select
              label="Theme"
              value={theme}
              groups={[
                {
                  options: [
                    { value: 'system', label: 'As the system' },
                    { value: 'light', label: 'Light' },
                    { value: 'dark', label: 'Dark' },
                  ],
                },
              ]}
              width="w-44"
              onChange={(choice) => chooseTheme(choice as ThemeChoice)}
            />
          </div>
        </Section>
        <ApiKeys />
        <Providers />
        <OwnKeys />
        <Usage />
        <p className="text-xs text-faint">
          Heddle {config?.version} ·{' '}
          <a href="/api/docs" className="underline">
            API documentation
          </a>
        </p>
      </div>
    </PageFrame>
  );
}

function ApiKeys() {
  const { api, queries, notify } = useApp();
  const keys = useQuery({ queryKey: queryKeys.keys, queryFn: () => api.listKeys() });
  const [name, setName] = useState('');
  const [created, setCreated] = useState<string | null>(null);
  const [removing, setRemoving] = useState<{ id: string; name: string } | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: queryKeys.keys });
  const fail = (title: string) => (error: Error) => notify({ title, description: error.message, kind: 'error' });
  return (
    <Section title="API keys" description="For scripts and the command line. A key can do everything that you can.">
      <ul aria-label="API keys" className="mb-3 flex flex-col">
        {keys.data?.map((key) => (
          <li key={key.id} className="flex items-center gap-3 border-b border-line py-2">
            <KeyRound size={15} aria-hidden className="text-muted" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{key.name}</span>
              <span className="block text-xs text-faint">
                <code>{key.prefix}…</code> · made <Time at={key.createdAt} /> ·{' '}
                {key.lastUsedAt === null ? (
                  'never used'
                ) : (
                  <>
                    used <Time at={key.lastUsedAt} />
                  </>
                )}
              </span>
            </span>
            <IconButton label={`Delete ${key.name}`} onClick={() => setRemoving(key)}>
              <Trash2 size={15} />
            </IconButton>
          </li>
        ))}
        {keys.data?.length === 0 && <li className="py-1 text-muted">No keys yet.</li>}
        {keys.isPending && <li className="skeleton h-10" />}
        {keys.error !== null && <li className="text-danger">{keys.error.message}</li>}
      </ul>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          api.createKey(name.trim()).then(({ key }) => {
            setCreated(key);
            setName('');
            refresh();
          }, fail('No key was made'));
        }}
      >
        <div className="flex-1">
          <Field label="Name of a new key">
            {({ id }) => (
              <TextInput
                id={id}
                required
                maxLength={100}
                value={name}
                placeholder="e.g. nightly script"
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Button type="submit" disabled={name.trim() === ''}>
          <Plus size={14} aria-hidden /> Make a key
        </Button>
      </form>
      <Dialog
        open={created !== null}
        title="Your new key"
        description="Copy it now: it is not shown again."
        width={520}
        onClose={() => setCreated(null)}
        footer={
          <Button variant="primary" onClick={() => setCreated(null)}>
            Done
          </Button>
        }
      >
        <div className="flex items-center gap-2 rounded-md border border-line bg-field py-1.5 pr-1.5 pl-3">
          <code className="flex-1 text-xs break-all select-all">{created}</code>
          <CopyButton text={created ?? ''} label="Copy the key" />
        </div>
      </Dialog>
      <ConfirmDialog
        open={removing !== null}
        title={`Delete the key “${removing?.name}”?`}
        description="Programs that use it are refused from now on."
        confirmLabel="Delete the key"
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && api.deleteKey(removing.id).then(refresh, fail('Not deleted'))}
      />
    </Section>
  );
}

function Providers() {
  const providers = useProviders();
  return (
    <Section title="Model providers" description="Set on the server; keys never reach the browser.">
      <ul aria-label="Model providers" className="flex flex-col">
        {providers.data?.map((provider) => (
          <li key={provider.id} className="flex items-start gap-3 border-b border-line py-2 last:border-0">
            {provider.configured ? (
              <CircleCheck size={16} aria-hidden className="mt-0.5 text-status-completed" />
            ) : (
              <CircleDashed size={16} aria-hidden className="mt-0.5 text-faint" />
            )}
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{provider.title}</span>
              <span className="block text-xs text-muted">
                {provider.configured ? (
                  `Ready, ${countOf(provider.models.length, 'model')}`
                ) : (
                  <>
                    Not set up. Put <code>{provider.variable}</code> into the environment of the server and start it
                    again.
                  </>
                )}
              </span>
              {provider.error !== undefined && <span className="block text-xs text-danger">{provider.error}</span>}
            </span>
            {provider.configured && (
              <Button size="sm" disabled={providers.isFetching} onClick={() => void providers.refetch()}>
                {providers.isFetching ? 'Testing …' : 'Test'}
              </Button>
            )}
          </li>
        ))}
        {providers.isPending && <li className="skeleton h-10" />}
        {providers.error !== null && <li className="text-danger">{providers.error.message}</li>}
      </ul>
    </Section>
  );
}
