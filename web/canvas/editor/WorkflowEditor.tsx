import { ReactFlowProvider } from '@xyflow/react';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';
import type { Workflow } from '../../../core/api/workflows.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { fetchWhenCalm } from '../../ui/lazy-part.ts';
import { useIsPhone } from '../../ui/use-media.ts';
import { EnvironmentContext } from '../environment.ts';
import { roleOn, type EditSession } from '../session/edit-session.ts';
import { useCanvasEnvironment } from '../use-canvas-environment.ts';
import { laterParts } from './later.tsx';
import { Workbench } from './Workbench.tsx';

interface WorkflowEditorProps {
  workflow: Workflow;
  session: EditSession;
  catalogue: Catalogue;
}

/** One workflow, open for editing. */
export function WorkflowEditor({ workflow, session, catalogue }: WorkflowEditorProps) {
  const isPhone = useIsPhone();
  const [parameters] = useSearchParams();
  const isReadOnly = isPhone || parameters.has('run');
  useEffect(() => fetchWhenCalm(laterParts), []);
  const role = roleOn(workflow);
  const environment = useCanvasEnvironment(session, catalogue, { isReadOnly, role }, session.live.follow);
  return (
    <EnvironmentContext value={environment}>
      <ReactFlowProvider>
        <Workbench workflow={workflow} session={session} isPhone={isPhone} />
      </ReactFlowProvider>
    </EnvironmentContext>
  );
}
