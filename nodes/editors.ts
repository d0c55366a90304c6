import type { NodeEditor } from '../web/ui/node-editor.ts';
import { cropImageEditor } from './crop-image/editor.tsx';
import { extractFrameEditor } from './extract-frame/editor.tsx';
import { llmEditor } from './llm/editor.tsx';

/** Hand-made editors; a node type that is not listed is drawn from its schema. */
export const nodeEditors: readonly NodeEditor[] = [llmEditor, cropImageEditor, extractFrameEditor];
