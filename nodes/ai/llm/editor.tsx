import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Draws the model and both prompts, with their handles, and the fields of an answer. All else stays in the drawn form. */
export const llmEditor: NodeEditor = {
  type: 'llm',
  fields: ['model', 'systemPrompt', 'userMessage', 'answerAs', 'fields'],
  drawsHandles: true,
  Editor: lazyEditor(() => import('./LlmEditor.tsx'), 'LlmEditor'),
};
