import { Check, ChevronsUpDown, Plus, Settings2 } from 'lucide-react';
import { useEffect } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Workspace } from '../../core/api/workspaces.ts';
import { ApiError } from '../api/api-error.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import { currentWorkspace } from './current.ts';
import { goToWorkspace } from './go-to-workspace.ts';
import { placeOf, useCurrentWorkspace, useWorkspaces } from './use-workspaces.ts';

const nameOf = ({ kind, name }: Workspace) => (kind === 'personal' ? 'Personal' : name);

const none: readonly Workspace[] = [];

/** Goes home from a workspace that is not open to the account any more, as soon as an answer says so. */
function useLeavingClosed(workspaces: readonly Workspace[] | undefined): void {
  const { queries } = useApp();
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ type, query }) => {
        const { error } = query.state;
        const isNews = type === 'updated' && error instanceof ApiError && error.code === 'WORKSPACE_NOT_FOUND';
        if (isNews) void queries.invalidateQueries({ queryKey: queryKeys.workspaces });
      }),
    [queries],
  );
  useEffect(() => {
    const id = currentWorkspace() ?? '';
    if (workspaces === undefined || id === '') return;
    if (!workspaces.some((workspace) => workspace.id === id && workspace.deletedAt === null))
      goToWorkspace(queries, null);
  }, [queries, workspaces]);
}

/** Tells once in each browser that somebody else than its admins has decided who is an admin of a workspace. */
function useAdminNotices(workspaces: readonly Workspace[]): void {
  const { notify } = useApp();
  useEffect(() => {
    for (const { id, name, adminNamed } of workspaces) {
      if (adminNamed === null || !isNewNotice(`${id} ${adminNamed.at}`)) continue;
      notify({
        title: `${name} has a new admin`,
        description: `It had none who could act. ${adminNamed.by ?? 'An owner of this installation'} named ${adminNamed.account ?? 'someone'}.`,
        timeoutMs: 0,
      });
    }
  }, [workspaces, notify]);
}

function isNewNotice(notice: string): boolean {
  const key = 'heddle-admin-notices';
  try {
    const seen = (localStorage.getItem(key) ?? '').split('\n');
    if (seen.includes(notice)) return false;
    // The last ones are enough: older ones are not in the list any more.
    localStorage.setItem(key, [...seen.slice(-50), notice].join('\n'));
  } catch {
    // Without a memory the page of the workspace says it.
    return false;
  }
  return true;
}

/** In which workspace the page is, and the way to the others. */
export function WorkspaceSwitcher() {
  const { queries } = useApp();
  const navigate = useNavigate();
  const { data } = useWorkspaces();
  const workspaces = data ?? none;
  const current = useCurrentWorkspace();
  const [query] = useSearchParams();
  const asked = query.get('workspaceId');
  // The way back and forth between workspaces, and links to one.
  useEffect(() => {
    const workspace = workspaces.find(({ id }) => id === asked);
    if (workspace !== undefined) goToWorkspace(queries, placeOf(workspace));
  }, [queries, workspaces, asked]);
  useLeavingClosed(data);
  useAdminNotices(workspaces);
  if (current === undefined) return null;
  const go = (workspace: Workspace) => () => {
    goToWorkspace(queries, placeOf(workspace));
    void navigate(`/?workspaceId=${encodeURIComponent(workspace.id)}`);
  };
  const open = workspaces.filter(({ deletedAt }) => deletedAt === null);
  return (
    <Menu
      align="start"
      trigger={
        <IconButton label={`Workspace: ${nameOf(current)}`} className="w-auto max-w-44 gap-1.5 px-2 max-sm:max-w-32">
          <span className="truncate text-sm">{nameOf(current)}</span>
          <ChevronsUpDown size={13} className="shrink-0 text-faint" aria-hidden />
        </IconButton>
      }
      entries={[
        ...open.map((workspace) => ({
          label: nameOf(workspace),
          icon: workspace.id === current.id ? <Check size={14} /> : <span className="w-3.5" />,
          hint: workspace.kind === 'personal' ? 'Only you' : `You are ${workspace.role}`,
          onSelect: go(workspace),
        })),
        null,
        ...(current.kind === 'team'
          ? [
              {
                label: 'Members and settings',
                icon: <Settings2 size={14} />,
                onSelect: () => void navigate(`/workspaces/${encodeURIComponent(current.id)}`),
              },
            ]
          : []),
        {
          label: 'All workspaces, or a new one',
          icon: <Plus size={14} />,
          onSelect: () => void navigate('/workspaces'),
        },
      ]}
    />
  );
}
