import { Check, ChevronsUpDown, Plus, Settings2 } from 'lucide-react';
import { useEffect } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Workspace } from '../../core/api/workspaces.ts';
import { useApp } from '../api/context.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import { goToWorkspace } from './go-to-workspace.ts';
import { placeOf, useCurrentWorkspace, useWorkspaces } from './use-workspaces.ts';

const nameOf = ({ kind, name }: Workspace) => (kind === 'personal' ? 'Personal' : name);

/** In which workspace the page is, and the way to the others. */
export function WorkspaceSwitcher() {
  const { queries } = useApp();
  const navigate = useNavigate();
  const { data: workspaces = [] } = useWorkspaces();
  const current = useCurrentWorkspace();
  const [query] = useSearchParams();
  const asked = query.get('workspaceId');
  // The way back and forth between workspaces, and links to one.
  useEffect(() => {
    const workspace = workspaces.find(({ id }) => id === asked);
    if (workspace !== undefined) goToWorkspace(queries, placeOf(workspace));
  }, [queries, workspaces, asked]);
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
