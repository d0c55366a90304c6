import { createContext, use } from 'react';
import type { PanelAction, Panels } from '../panels/panels.ts';
import type { EditSession } from '../session/edit-session.ts';

/** What the parts of the open editor share beside the canvas: the workflow, its session and the panels. */
export interface Editor {
  readonly workflowId: number;
  readonly session: EditSession;
  readonly panels: Panels;
  readonly dispatch: (action: PanelAction) => void;
}

/** Null where no workflow is edited. */
export const EditorContext = createContext<Editor | null>(null);

/** Throws where no workflow is edited. */
export function useEditor(): Editor {
  const editor = use(EditorContext);
  if (editor === null) throw new Error('This part works inside the editor of a workflow only.');
  return editor;
}
