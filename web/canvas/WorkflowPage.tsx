import { useQuery } from '@tanstack/react-query';
import { FileQuestion } from 'lucide-react';
import { useEffect } from 'react';
import { useParams } from 'react-router';
import { queryKeys, useApp } from '../api/context.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { WorkflowEditor } from './WorkflowEditor.tsx';

/** Loads a workflow and opens it. */
export function WorkflowPage() {
  const { workflowId = '' } = useParams();
  const { api } = useApp();
  const { catalogue, error: noCatalogue } = useCatalogue();
  const id = Number(workflowId);
  const workflow = useQuery({
    queryKey: [...queryKeys.workflow(id), 'open'],
    queryFn: () => api.getWorkflow(id),
    // Loaded anew on every visit, never behind the back of the editor.
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  });
  const name = workflow.data?.name;
  useEffect(() => {
    if (name !== undefined) document.title = `${name} · Heddle`;
  }, [name]);
  const error = workflow.error ?? noCatalogue;
  if (error !== null) {
    return (
      <DeadEnd page="Workflow" icon={<FileQuestion size={20} aria-hidden />} title="This workflow cannot be opened">
        {error.message}
      </DeadEnd>
    );
  }
  if (workflow.data === undefined || catalogue === undefined) {
    return (
      <div className="flex h-full flex-col" aria-busy="true">
        <div className="h-12 border-b border-line bg-surface" />
        <div className="flex flex-1 items-center justify-center bg-canvas text-muted">Opening …</div>
      </div>
    );
  }
  return <WorkflowEditor key={id} workflow={workflow.data} catalogue={catalogue} />;
}
