import type { ComponentType } from 'react';
import { addressOf } from './app-address.ts';
import { typeOfDataUrl } from '../../core/data-types/files.ts';

/** An upload that is on its way to a node. */
export interface UploadState {
  readonly name: string;
  /** 0-1. */
  readonly fraction: number;
  /** Why it failed, in words; null while it runs. */
  readonly error: string | null;
}

/**
 * What an editor is given. All else it takes by hook, as `useNodeData`,
 * `useUpdateNode`, `useKnownInputs`, `useNodeResult` or `useUpload` of web/canvas/node/use-node.ts.
 */
export interface NodeEditorProps {
  readonly nodeId: string;
  readonly place: 'node' | 'inspector';
}

/**
 * A hand-made editor for a node type whose drawn form is not enough.
 *
 * @example
 * function ShoutEditor({ nodeId }: NodeEditorProps) {
 *   const data = useNodeData(nodeId);
 *   const update = useUpdateNode(nodeId);
 *   return <TextArea value={String(data['text'] ?? '')} onChange={(event) => update({ text: event.target.value })} />;
 * }
 * const shoutEditor: NodeEditor = { type: 'shout', fields: ['text'], Editor: ShoutEditor };
 */
export interface NodeEditor {
  readonly type: string;
  /** Fields of `data` that it edits; the drawn form leaves them out. */
  readonly fields: readonly string[];
  /** Fields that the node draws above it all the same, as what it is shown for. Default: none. */
  readonly below?: readonly string[];
  /** Whether it is made for this data; where not, the form is drawn instead. Default: for all. */
  isFor?(data: Readonly<Record<string, unknown>>): boolean;
  /** Only there; the node draws the form. Default: in both places. */
  readonly place?: 'inspector';
  /** It draws an `EditorHandle` beside each field that an input stands for. Default false: those stand with the others. */
  readonly drawsHandles?: boolean;
  /** In a file of its own (`lazyEditor`), unless it is needed on the first canvas that somebody sees. */
  readonly Editor: ComponentType<NodeEditorProps>;
}

/** The address that a file is shown from; null for anything else. */
export function mediaUrlOf(value: unknown): string | null {
  const url = urlOf(value);
  return url === null ? null : addressOf(url);
}

function urlOf(value: unknown): string | null {
  if (typeof value === 'string') {
    return /^(https?:|\/api\/assets\/)/.test(value) || typeOfDataUrl(value) !== null ? value : null;
  }
  if (typeof value !== 'object' || value === null || !('url' in value)) return null;
  return typeof value.url === 'string' ? value.url : null;
}
