import type { NodeEditor } from '../web/ui/node-editor.ts';
import { llmEditor } from './ai/llm/editor.tsx';
import { codeEditor } from './connect/code/editor.tsx';
import { approveEditor } from './flow/approve/editor.tsx';
import { callWorkflowEditor } from './flow/call-workflow/editor.tsx';
import { chooseEditor } from './flow/choose/editor.tsx';
import { ifEditor } from './flow/if/editor.tsx';
import { untilEditor } from './flow/until/editor.tsx';
import { switchEditor } from './flow/switch/editor.tsx';
import { listEditor } from './input/list/editor.tsx';
import { drawTextEditor } from './image/draw-text/editor.tsx';
import { composeImagesEditor } from './image/compose/editor.tsx';
import { compareImagesEditor } from './image/compare/editor.tsx';
import { cropImageEditor } from './image/crop/editor.tsx';
import { trimAudioEditor } from './audio/trim/editor.tsx';
import { trimVideoEditor } from './video/trim/editor.tsx';
import { extractFrameEditor } from './video/extract-frame/editor.tsx';

/** Hand-made editors; a node type that is not listed is drawn from its schema. */
export const nodeEditors: readonly NodeEditor[] = [
  llmEditor,
  listEditor,
  composeImagesEditor,
  compareImagesEditor,
  cropImageEditor,
  drawTextEditor,
  extractFrameEditor,
  trimVideoEditor,
  trimAudioEditor,
  codeEditor,
  ifEditor,
  untilEditor,
  switchEditor,
  approveEditor,
  callWorkflowEditor,
  chooseEditor,
];
