import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits `timestamp` with a slider over the video that comes in. */
export const extractFrameEditor: NodeEditor = {
  type: 'extractFrame',
  fields: ['timestamp'],
  Editor: lazyEditor(() => import('./ExtractFrameEditor.tsx'), 'ExtractFrameEditor'),
};
