import type { ComponentType } from 'react';
import { lazyPart } from './lazy-part.ts';
import type { NodeEditorProps } from './node-editor.ts';

/**
 * An editor of a node in a file of its own, fetched when such a node is drawn for the first time. Until then the node says
 * that it is loading, and keeps its height.
 *
 * @example
 * const cropImageEditor: NodeEditor = {
 *   type: 'cropImage',
 *   fields: ['x_percent'],
 *   Editor: lazyEditor(() => import('./CropEditor.tsx'), 'CropEditor'),
 * };
 */
export function lazyEditor<Name extends string>(
  load: () => Promise<Record<Name, ComponentType<NodeEditorProps>>>,
  name: Name,
): ComponentType<NodeEditorProps> {
  return lazyPart(load, name, () => <p className="node-loading py-2 text-xs text-faint">Loading …</p>).Component;
}
