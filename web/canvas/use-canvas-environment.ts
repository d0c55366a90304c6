import { useMemo } from 'react';
import { allows, type WorkspaceRole } from '../../core/scope.ts';
import { nodeEditors } from '../../nodes/editors.ts';
import { useApp, useProviders } from '../api/context.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import type { CanvasEnvironment } from './environment.ts';
import type { ViewSession } from './session/view-session.ts';

const editors = new Map(nodeEditors.map((editor) => [editor.type, editor]));

/**
 * What the parts of a canvas share, made of its session. `role`: what the account may do with the workflow; `onRetried` hears
 * of the run that a retry has started.
 */
export function useCanvasEnvironment(
  session: ViewSession,
  catalogue: Catalogue,
  { isReadOnly, role }: { readonly isReadOnly: boolean; readonly role: WorkspaceRole },
  onRetried: (runId: string) => void,
): CanvasEnvironment {
  const { api, notify } = useApp();
  const { data: providers } = useProviders();
  const mayRun = allows(role, 'runner');
  const mayEdit = allows(role, 'editor');
  return useMemo(
    () => ({
      store: session.store,
      runs: session.live.runs,
      followParts: session.live.followParts,
      uploads: session.uploads,
      catalogue,
      editors,
      providers: providers ?? null,
      notify,
      isReadOnly: isReadOnly || !mayEdit,
      mayRun,
      mayEdit,
      retryRun: () => {
        const run = session.live.runs.api.getState().view?.run;
        if (run === undefined) return;
        api.retryRun(run.id).then(
          ({ id }) => onRetried(id),
          (error: Error) => notify({ title: 'The retry could not start', description: error.message, kind: 'error' }),
        );
      },
    }),
    [session, catalogue, providers, api, notify, isReadOnly, mayRun, mayEdit, onRetried],
  );
}
