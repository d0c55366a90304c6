import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits `timestamp` with a slider over the video that comes in. */
export const extractFrameEditor: NodeEditor = {
  type: 'extractFrame',
  fields: ['timestamp'],
  Editor: lazyPart(() => import('./ExtractFrameEditor.tsx'), 'ExtractFrameEditor').Component,
};
