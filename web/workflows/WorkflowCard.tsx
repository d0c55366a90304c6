import { useQuery } from '@tanstack/react-query';
import {
  AppWindow,
  CalendarClock,
  Copy,
  Download,
  FileArchive,
  FolderInput,
  MoreHorizontal,
  Pencil,
  Rows3,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { WorkflowSummary } from '../../core/api/workflows.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { standingOfLastRun } from '../live/summarize.ts';
import { IconButton } from '../ui/Button.tsx';
import { OptionalPart } from '../shell/PartBoundary.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { Menu } from '../ui/Menu.tsx';
import { StatusIcon, statusLabel } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { useIsSeen } from '../ui/use-is-seen.ts';
import { saveWorkflow } from './export-workflow.ts';
import { GraphThumbnail } from './GraphThumbnail.tsx';
import { LastResults } from './LastResults.tsx';

const mover = lazyPart(() => import('../workspaces/MoveDialog.tsx'), 'MoveDialog');
const exporter = lazyPart(() => import('./ExportDialog.tsx'), 'ExportDialog');

interface WorkflowCardProps {
  workflow: WorkflowSummary;
  /** Whether the account may change it. */
  mayEdit: boolean;
  onDelete(): void;
}

/** A workflow in the list: its last results, or a drawing of it, its name, its last run. */
export function WorkflowCard({ workflow, mayEdit, onDelete }: WorkflowCardProps) {
  const { api, queries, notify } = useApp();
  const navigate = useNavigate();
  const [isRenaming, setIsRenaming] = useState(false);
  const [isMoving, setIsMoving] = useState(false);
  const [isExporting, setIsExporting] = useState(false);
  const { place: card, isSeen } = useIsSeen<HTMLLIElement>();
  const detail = useQuery({
    queryKey: [...queryKeys.workflow(workflow.id), workflow.updatedAt],
    queryFn: () => api.getWorkflow(workflow.id),
    staleTime: Infinity,
    enabled: isSeen,
  });
  const fail = (title: string) => (error: Error) => notify({ title, description: error.message, kind: 'error' });
  const refresh = () => void queries.invalidateQueries({ queryKey: queryKeys.workflows });
  const rename = (name: string) => {
    setIsRenaming(false);
    if (name.trim() === '' || name.trim() === workflow.name) return;
    api.updateWorkflow(workflow.id, { name: name.trim() }).then(refresh, fail('Not renamed'));
  };
  const duplicate = () => {
    api
      .getWorkflow(workflow.id)
      .then(({ data }) => api.createWorkflow(`${workflow.name.slice(0, 245)} copy`, data))
      .then(refresh, fail('Not duplicated'));
  };
  const exportIt = () => {
    api.exportWorkflow(workflow.id).then(saveWorkflow, fail('Not exported'));
  };
  return (
    <li
      ref={card}
      className="group/card relative flex flex-col overflow-hidden rounded-xl border border-line bg-surface transition-colors hover:border-line-strong"
    >
      <Link
        to={`/workflows/${workflow.id}`}
        tabIndex={-1}
        aria-hidden="true"
        className="block h-40 border-b border-line bg-canvas p-3"
      >
        <LastResults lastRun={workflow.lastRun} isSeen={isSeen}>
          {detail.data === undefined ? (
            <div className="skeleton h-full" />
          ) : (
            <GraphThumbnail graph={detail.data.data} />
          )}
        </LastResults>
      </Link>
      <div className="flex items-center gap-2 py-2.5 pr-2 pl-4">
        <div className="min-w-0 flex-1">
          {isRenaming ? (
            <input
              autoFocus
              aria-label="Name of the workflow"
              defaultValue={workflow.name}
              maxLength={255}
              onFocus={(event) => event.currentTarget.select()}
              onBlur={(event) => rename(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') event.currentTarget.blur();
                if (event.key === 'Escape') setIsRenaming(false);
              }}
              className="h-6 w-full rounded border border-line-strong bg-field px-1 font-semibold"
            />
          ) : (
            <Link to={`/workflows/${workflow.id}`} className="block truncate font-semibold hover:underline">
              {workflow.name}
            </Link>
          )}
          <p className="flex items-center gap-1.5 text-xs text-faint">
            {workflow.lastRun === undefined ? (
              <>
                Modified <Time at={workflow.updatedAt} />
              </>
            ) : (
              <>
                <StatusIcon status={standingOfLastRun(workflow.lastRun)} size={13} />
                {statusLabel(standingOfLastRun(workflow.lastRun))}{' '}
                <Time at={workflow.lastRun.finishedAt ?? workflow.lastRun.createdAt} />
              </>
            )}
          </p>
        </div>
        <Menu
          trigger={
            <IconButton label={`More for ${workflow.name}`}>
              <MoreHorizontal size={16} />
            </IconButton>
          }
          entries={[
            ...(workflow.slug === null
              ? []
              : [
                  {
                    label: 'Open the app',
                    icon: <AppWindow size={14} />,
                    onSelect: () => void navigate(`/app/${workflow.slug}`),
                  },
                ]),
            ...(mayEdit
              ? [
                  { label: 'Rename', icon: <Pencil size={14} />, onSelect: () => setIsRenaming(true) },
                  { label: 'Duplicate', icon: <Copy size={14} />, onSelect: duplicate },
                ]
              : []),
            { label: 'Export', icon: <Download size={14} />, onSelect: exportIt },
            {
              label: 'Export with versions and files',
              icon: <FileArchive size={14} />,
              onSelect: () => setIsExporting(true),
            },
            {
              label: 'Triggers',
              icon: <CalendarClock size={14} />,
              onSelect: () => void navigate(`/workflows/${workflow.id}/triggers`),
            },
            {
              label: 'Batches',
              icon: <Rows3 size={14} />,
              onSelect: () => void navigate(`/workflows/${workflow.id}/batches`),
            },
            ...(mayEdit
              ? [
                  { label: 'Move to a workspace', icon: <FolderInput size={14} />, onSelect: () => setIsMoving(true) },
                  null,
                  { label: 'Delete', icon: <Trash2 size={14} />, isDanger: true, onSelect: onDelete },
                ]
              : []),
          ]}
        />
        {isExporting && (
          <OptionalPart name="Exporting a workflow">
            <exporter.Component workflow={workflow} onClose={() => setIsExporting(false)} />
          </OptionalPart>
        )}
        {isMoving && (
          <OptionalPart name="Moving a workflow">
            <mover.Component workflow={workflow} onClose={() => setIsMoving(false)} />
          </OptionalPart>
        )}
      </div>
    </li>
  );
}
