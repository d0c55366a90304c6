import { FileQuestion } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { useApp } from '../../api/context.ts';
import { useCatalogue } from '../../api/use-catalogue.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { DeadEnd } from '../../shell/DeadEnd.tsx';
import { useItsWorkspace } from '../../workspaces/use-its-workspace.ts';
import { WorkflowEditor } from './WorkflowEditor.tsx';
import { sessionsOf, type OpenedWorkflow } from '../session/edit-sessions.ts';

/** Loads a workflow and opens it. */
export function WorkflowPage() {
  const { workflowId = '' } = useParams();
  const { catalogue, error: noCatalogue } = useCatalogue();
  const id = Number(workflowId);
  const { opened, error: notOpened } = useOpened(id, catalogue);
  useItsWorkspace(opened?.workflow.workspaceId);
  const error = notOpened ?? noCatalogue;
  if (error !== null) {
    return (
      <DeadEnd page="Workflow" icon={<FileQuestion size={20} aria-hidden />} title="This workflow could not be opened">
        {error.message}
      </DeadEnd>
    );
  }
  if (opened === null || catalogue === undefined) {
    return (
      <div className="flex h-full flex-col" aria-busy="true">
        <div className="h-12 border-b border-line bg-surface" />
        <div className="flex flex-1 items-center justify-center bg-canvas text-muted">Opening …</div>
      </div>
    );
  }
  return <WorkflowEditor key={id} workflow={opened.workflow} session={opened.session} catalogue={catalogue} />;
}

interface Opening {
  /** What was asked for; another id begins anew. */
  readonly id: number;
  readonly opened: OpenedWorkflow | null;
  readonly error: Error | null;
}

/** The session of a workflow while the page is there; loaded anew on every visit, unless an earlier one is still being saved. */
function useOpened(id: number, catalogue: Catalogue | undefined): Opening {
  const services = useApp();
  const [opening, setOpening] = useState<Opening>({ id, opened: null, error: null });
  useEffect(() => {
    if (catalogue === undefined) return;
    let isGone = false;
    let opened: OpenedWorkflow | null = null;
    sessionsOf(services)
      .open(id, catalogue)
      .then(
        (workflow) => {
          opened = workflow;
          if (isGone) workflow.release();
          else setOpening({ id, opened, error: null });
        },
        (error: Error) => isGone || setOpening({ id, opened: null, error }),
      );
    return () => {
      isGone = true;
      opened?.release();
    };
  }, [services, id, catalogue]);
  return opening.id === id ? opening : { id, opened: null, error: null };
}
