import { useQuery } from '@tanstack/react-query';
import { Plus, Share2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { AppLink } from '../../core/api/links.ts';
import { ApiError } from '../api/api-error.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { NotYours } from '../shell/NotYours.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { WaysBack } from '../shell/WaysBack.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { CopyOnceDialog } from '../ui/CopyOnceDialog.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Switch } from '../ui/Switch.tsx';
import { Time } from '../ui/Time.tsx';
import { useItsWorkspace } from '../workspaces/use-its-workspace.ts';
import { useMayIn } from '../workspaces/use-workspaces.ts';
import { aboutWords, nameOf, stateWords } from './link-words.ts';
import { linksApi, type LinksApi } from './links-api.ts';
import { NewLink } from './NewLink.tsx';

/** The links at which people without an account run a workflow: made, listed, turned off, ended. */
export function LinksPage() {
  const workflowId = Number(useParams()['workflowId']);
  const { api, notify, queries } = useApp();
  const tools = linksApi(api);
  const key = ['links', workflowId];
  const [isMaking, setIsMaking] = useState(false);
  const [address, setAddress] = useState<string | null>(null);
  const workflow = useQuery({
    queryKey: queryKeys.workflow(workflowId),
    queryFn: () => api.getWorkflow(workflowId),
    retry: false,
  });
  const links = useQuery({ queryKey: [...key, 'list'], queryFn: () => tools.list(workflowId), retry: false });
  const asked = useQuery({
    queryKey: [...key, 'interface'],
    queryFn: () => tools.interfaceOf(workflowId),
    retry: false,
  });
  useItsWorkspace(workflow.data?.workspaceId);
  const canChange = useMayIn(workflow.data?.workspaceId, 'editor');
  const error = workflow.error ?? links.error ?? asked.error;
  if (error !== null) {
    return (
      <DeadEnd page="Share links" icon={<Share2 size={20} aria-hidden />} title="This page could not be opened">
        <NotYours error={error} what="workflow" instead="ask them for a link to its app." />
      </DeadEnd>
    );
  }
  if (workflow.data === undefined || links.data === undefined || asked.data === undefined) {
    return (
      <PageFrame title="Share links">
        <div role="status" aria-label="Loading" className="skeleton h-64" />
      </PageFrame>
    );
  }
  const { name, slug } = workflow.data;
  const attempt = async (work: Promise<unknown>, failure: string) => {
    try {
      await work;
    } catch (refusal) {
      const description = refusal instanceof ApiError ? refusal.message : String(refusal);
      notify({ title: failure, description, kind: 'error' });
    } finally {
      await queries.invalidateQueries({ queryKey: [...key, 'list'] });
    }
  };
  const makeButton = canChange && slug !== null && (
    <Button variant="primary" className="max-sm:h-11 max-sm:w-full" onClick={() => setIsMaking(true)}>
      <Plus size={15} aria-hidden /> New link
    </Button>
  );
  return (
    <PageFrame title={`Links to ${name}`}>
      <WaysBack workflow={workflow.data} />
      <div className="mb-5 flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1">
          <h1 className="text-lg font-semibold break-words">Share {name}</h1>
          <p className="text-muted">
            Anyone who has a link can run the app without an account. They see the form and their own runs, never the
            graph or the runs of others. Their runs count toward your limits and budgets.
          </p>
        </div>
        {links.data.length > 0 && makeButton}
      </div>
      {slug === null ? (
        <EmptyState icon={<Share2 size={20} aria-hidden />} title="Publish it first">
          Links run the live version of a workflow, and this one has not been published yet.{' '}
          <Link to={`/workflows/${workflowId}`} className="font-medium text-ink underline">
            Open the workflow
          </Link>{' '}
          and choose Publish.
        </EmptyState>
      ) : links.data.length === 0 ? (
        <EmptyState icon={<Share2 size={20} aria-hidden />} title="No links yet" actions={makeButton}>
          Make one for a colleague or a customer, and end it whenever you like.
        </EmptyState>
      ) : (
        <ul aria-label="Links" className="flex flex-col gap-3">
          {links.data.map((link) => (
            <LinkItem key={link.id} link={link} canChange={canChange} attempt={attempt} tools={tools} />
          ))}
        </ul>
      )}
      {isMaking && (
        <NewLink
          inputs={asked.data.inputs}
          onClose={() => setIsMaking(false)}
          onMake={async (body) => {
            const made = await tools.create(workflowId, body);
            setIsMaking(false);
            setAddress(made.url);
            await queries.invalidateQueries({ queryKey: [...key, 'list'] });
          }}
        />
      )}
      <CopyOnceDialog
        title="The link"
        description="Send it to the people who should run the app. It is shown only once."
        text={address}
        copyLabel="Copy link"
        width={520}
        onClose={() => setAddress(null)}
      />
    </PageFrame>
  );
}

function LinkItem({
  link,
  canChange,
  attempt,
  tools,
}: {
  link: AppLink;
  canChange: boolean;
  attempt(work: Promise<unknown>, failure: string): Promise<void>;
  tools: LinksApi;
}) {
  const [isEnding, setIsEnding] = useState(false);
  const name = nameOf(link);
  return (
    <li aria-label={name} className="rounded-xl border border-line bg-surface p-4" data-link-state={link.state}>
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold break-words">{name}</h2>
          <p className="text-xs text-muted">
            {stateWords[link.state]} · made <Time at={link.createdAt} />
          </p>
        </div>
        <Switch
          label={`${name} is on`}
          checked={link.enabled}
          disabled={!canChange}
          onChange={(enabled) => void attempt(tools.change(link.id, { enabled }), 'Not changed')}
        />
        {canChange && (
          <IconButton label={`End ${name}`} onClick={() => setIsEnding(true)}>
            <Trash2 size={15} />
          </IconButton>
        )}
      </div>
      {link.pausedReason !== null && (
        <p role="alert" className="mt-2 rounded-md bg-danger-soft px-3 py-2 text-xs text-danger">
          {link.pausedReason}
        </p>
      )}
      <ul className="mt-2 flex flex-col gap-0.5 text-xs text-muted">
        {aboutWords(link).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <ConfirmDialog
        open={isEnding}
        title={`End ${name}?`}
        description="It stops working for everyone who has it, and they can no longer see their runs. You keep the runs."
        confirmLabel="End link"
        onClose={() => setIsEnding(false)}
        onConfirm={() => void attempt(tools.remove(link.id), 'Not ended')}
      />
    </li>
  );
}
