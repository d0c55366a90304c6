import { fileTypes } from '../../../core/data-types/table.ts';
import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Takes many files at once and shows them; values are typed into the drawn form. Loaded when first shown. */
export const listEditor: NodeEditor = {
  type: 'list',
  below: ['type'],
  isFor: ({ type }) => fileTypes.some((fileType) => fileType === type),
  fields: ['items'],
  Editor: lazyPart(() => import('./FilesEditor.tsx'), 'FilesEditor').Component,
};
