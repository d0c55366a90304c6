import { Users } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import type { Workspace } from '../../core/api/workspaces.ts';
import { queryKeys, useApp, useMe } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { Time } from '../ui/Time.tsx';
import { goToWorkspace } from './go-to-workspace.ts';
import { NameField } from './NameField.tsx';
import { placeOf, useWorkspaces } from './use-workspaces.ts';
import { workspacesApi } from './workspaces-api.ts';

/** The workspaces of the account, and a form for another one. */
export function WorkspacesPage() {
  const { data: workspaces, error, isPending } = useWorkspaces();
  const { data: me } = useMe();
  return (
    <PageFrame title="Workspaces">
      <h1 className="mb-5 text-lg font-semibold">Workspaces</h1>
      <div className="flex flex-col gap-6">
        <Section title="Your workspaces" description="Workflows, runs, files and keys belong to a workspace.">
          <ul aria-label="Workspaces" className="flex flex-col">
            {workspaces?.map((workspace) => (
              <Row key={workspace.id} workspace={workspace} />
            ))}
            {isPending && <li className="skeleton h-12" />}
            {error !== null && <li className="text-danger">{error.message}</li>}
          </ul>
        </Section>
        {me?.role !== 'viewer' && (
          <Section title="New workspace" description="You are its first admin and can add others.">
            <NewWorkspace />
          </Section>
        )}
      </div>
    </PageFrame>
  );
}

function Row({ workspace }: { workspace: Workspace }) {
  const { api, queries, notify } = useApp();
  const { id, kind, name, role, deletedAt, endsAt } = workspace;
  const restore = () =>
    workspacesApi(api)
      .restore(id)
      .then(
        () => queries.invalidateQueries({ queryKey: queryKeys.workspaces }),
        (failure: Error) => notify({ title: 'Not restored', description: failure.message, kind: 'error' }),
      );
  return (
    <li className="flex items-center gap-3 border-b border-line py-2 last:border-0">
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{kind === 'personal' ? 'Personal' : name}</span>
        <span className="block truncate text-xs text-faint">
          {kind === 'personal' && 'Only you'}
          {kind === 'team' && deletedAt === null && `You are ${role}`}
          {deletedAt !== null && (
            <>
              Deleted <Time at={deletedAt} /> · gone on {new Date(endsAt ?? deletedAt).toLocaleDateString()}
            </>
          )}
        </span>
      </span>
      {deletedAt !== null && <Button onClick={() => void restore()}>Restore</Button>}
      {deletedAt === null && kind === 'team' && (
        <Link to={`/workspaces/${encodeURIComponent(id)}`} className={buttonClass()} aria-label={`Members of ${name}`}>
          <Users size={14} aria-hidden /> Members
        </Link>
      )}
      {deletedAt === null && (
        <Link
          to={`/?workspaceId=${encodeURIComponent(id)}`}
          className={buttonClass()}
          onClick={() => goToWorkspace(queries, placeOf(workspace))}
          aria-label={`Open ${kind === 'personal' ? 'your personal workspace' : name}`}
        >
          Open
        </Link>
      )}
    </li>
  );
}

function NewWorkspace() {
  const { api, queries } = useApp();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [error, setError] = useState<string | null>(null);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const create = async () => {
      const made = await workspacesApi(api).create(name.trim());
      await queries.invalidateQueries({ queryKey: queryKeys.workspaces });
      goToWorkspace(queries, made.id);
      await navigate(`/workspaces/${encodeURIComponent(made.id)}`);
    };
    create().catch((failure: Error) => setError(failure.message));
  };
  return (
    <form onSubmit={onSubmit} className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
      <NameField label="Name" value={name} error={error} onChange={setName} />
      <Button type="submit" variant="primary" disabled={name.trim() === ''}>
        Create
      </Button>
    </form>
  );
}
