import { useState } from 'react';
import { movedWorkflowSchema, type MovedWorkflow } from '../../core/api/workspaces.ts';
import { allows } from '../../core/scope.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { movedWords } from './moved-words.ts';
import { useCurrentWorkspace, useWorkspaces } from './use-workspaces.ts';

interface MoveDialogProps {
  workflow: { readonly id: number; readonly name: string };
  onClose(): void;
}

/** Takes a workflow to another workspace of the account, and says what came along. */
export function MoveDialog({ workflow, onClose }: MoveDialogProps) {
  const { api, queries, notify } = useApp();
  const { data: workspaces = [] } = useWorkspaces();
  const here = useCurrentWorkspace();
  const others = workspaces.filter(
    ({ id, role, deletedAt }) => id !== here?.id && deletedAt === null && allows(role, 'editor'),
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const workspaceId = chosen ?? others[0]?.id ?? '';
  const move = () => {
    setError(null);
    api
      .request(`/api/workflows/${workflow.id}/move`, {
        method: 'POST',
        body: { workspaceId },
        schema: movedWorkflowSchema,
      })
      .then(
        (moved: MovedWorkflow) => {
          notify({ title: `Moved “${workflow.name}”`, description: movedWords(moved), kind: 'success' });
          void queries.invalidateQueries({ queryKey: queryKeys.workflows });
          onClose();
        },
        (failure: Error) => setError(failure.message),
      );
  };
  return (
    <Dialog
      open
      title={`Move “${workflow.name}”`}
      description="Its versions, files, triggers, links, callbacks and budgets come along: whoever has a link can go on using the app, on the limits and budgets of the other workspace. Runs, secrets and provider keys stay where they are."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={workspaceId === ''} onClick={move}>
            Move
          </Button>
        </>
      }
    >
      {others.length === 0 ? (
        <p className="text-muted">There is no other workspace in which you can create workflows.</p>
      ) : (
        <Select
          label="Workspace"
          value={workspaceId}
          groups={[
            {
              options: others.map(({ id, name, kind }) => ({
                value: id,
                label: kind === 'personal' ? 'Personal' : name,
              })),
            },
          ]}
          width="w-full"
          onChange={setChosen}
        />
      )}
      {error !== null && (
        <p role="alert" className="mt-3 text-danger">
          {error}
        </p>
      )}
    </Dialog>
  );
}
