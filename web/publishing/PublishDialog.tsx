import { Rocket } from 'lucide-react';
import { useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { useStore } from 'zustand';
import { slugOfName } from '../../core/api/slug.ts';
import { slugSchema } from '../../core/api/versions.ts';
import type { Workflow } from '../../core/api/workflows.ts';
import { useApp } from '../api/context.ts';
import { ApiError } from '../api/api-error.ts';
import type { EditSession } from '../canvas/session/edit-session.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, TextArea, TextInput } from '../ui/Field.tsx';
import type { Published } from './use-live.ts';
import { appGaps } from './app-gaps.ts';
import { Callers } from './Callers.tsx';
import { versionsApi } from './versions-api.ts';

interface PublishDialogProps {
  workflow: Workflow;
  session: EditSession;
  live: Published;
  onPublished(): void;
  onClose(): void;
}

/** Makes the next version of what is on the canvas, with a note; the first time also a name for its addresses. */
export function PublishDialog({ workflow, session, live, onPublished, onClose }: PublishDialogProps) {
  const { api, notify } = useApp();
  const navigate = useNavigate();
  const formId = useId();
  const { autosave } = session;
  const [note, setNote] = useState('');
  const [slug, setSlug] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const isFirst = live.slug === null;
  const gaps = appGaps(useStore(session.store, ({ nodes }) => nodes));
  const shownSlug = slug ?? slugOfName(autosave.state.getState().name);
  const slugError = isFirst && slug !== null ? slugSchema.safeParse(slug).error?.issues[0]?.message : undefined;
  const publish = async () => {
    if (isBusy || slugError !== undefined) return;
    setIsBusy(true);
    setError(null);
    try {
      // What is live is what is on the screen.
      await autosave.flush();
      const { version: draftVersion } = autosave.state.getState();
      const body = { note, draftVersion, ...(isFirst && slug !== null && { slug }) };
      const published = await versionsApi(api).publish(workflow.id, body);
      onPublished();
      onClose();
      notify({
        title: `Version ${published.version} is live`,
        kind: 'success',
        action: { label: 'Open the app', onSelect: () => void navigate(`/app/${published.slug}`) },
      });
    } catch (refusal) {
      if (refusal instanceof ApiError && refusal.code === 'WORKFLOW_VERSION_CONFLICT') void autosave.hear(null);
      setError(refusal instanceof Error ? refusal.message : String(refusal));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      open
      title={live.liveVersion === null ? 'Publish this workflow' : 'Publish a new version'}
      description="The app, the API and triggers then run it as it is now, whatever you change afterwards."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" disabled={isBusy}>
            <Rocket size={14} aria-hidden /> Publish
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void publish();
        }}
      >
        <Field label="What has changed" hint="For the list of versions. It may be left empty.">
          {({ id, describedBy }) => (
            <TextArea
              id={id}
              aria-describedby={describedBy}
              autoFocus
              maxLength={2_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        {isFirst && (
          <Field label="Name in addresses" hint={`The app will be at /app/${shownSlug}`} error={slugError}>
            {({ id, describedBy, isInvalid }) => (
              <TextInput
                id={id}
                aria-describedby={describedBy}
                aria-invalid={isInvalid}
                autoComplete="off"
                spellCheck={false}
                value={shownSlug}
                onChange={(event) => setSlug(event.target.value)}
              />
            )}
          </Field>
        )}
        {gaps.length > 0 && (
          <ul
            aria-label="Before you publish"
            className="flex flex-col gap-1.5 rounded-md bg-field px-3 py-2 text-xs text-muted"
          >
            {gaps.map((gap) => (
              <li key={gap}>{gap}</li>
            ))}
          </ul>
        )}
        {!isFirst && <Callers workflowId={workflow.id} />}
        {error !== null && (
          <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
            {error}
          </p>
        )}
      </form>
    </Dialog>
  );
}
