import { fileTypes } from '../../../core/data-types/table.ts';
import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Takes many files at once and shows them; values are typed into the drawn form. Loaded when first shown. */
export const listEditor: NodeEditor = {
  type: 'list',
  below: ['type'],
  isFor: ({ type }) => fileTypes.some((fileType) => fileType === type),
  fields: ['items'],
  Editor: lazyEditor(() => import('./FilesEditor.tsx'), 'FilesEditor'),
};
