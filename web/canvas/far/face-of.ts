import type { NodeExecution } from '../../../core/api/runs.ts';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { fileTypeOf, typeOfDataUrl } from '../../../core/data-types/files.ts';
import type { FileType } from '../../../core/data-types/table.ts';
import type { CanvasNode } from '../../graph/canvas-graph.ts';
import { fileFieldsOf } from '../../graph/form-fields.ts';
import { staticValueOf } from '../../graph/known-values.ts';
import { nodeStatusOf } from '../../live/node-status.ts';
import { isMedia, partsOf } from '../../ui/value-parts.ts';

/** What a node shows from far: the first picture or other file that it put out, else its words. */
export type Face =
  | { readonly kind: FileType; readonly url: string }
  | { readonly kind: 'words' | 'error'; readonly words: string }
  | { readonly kind: 'none' };

/** `execution` is the one of the shown run; without it, what a node holds by itself counts as put out. */
export function faceOf(
  node: Pick<CanvasNode, 'data'>,
  info: NodeTypeInfo | undefined,
  execution: NodeExecution | undefined,
): Face {
  const status = nodeStatusOf(execution);
  if (status === 'failed' && execution?.error != null) return { kind: 'error', words: execution.error };
  const outputs = execution?.outputData;
  if (outputs != null && status !== 'handled') {
    // By the order of the handles, not of the answer.
    const names = info?.outputs.map(({ id }) => id) ?? Object.keys(outputs);
    const parts = names.flatMap((name) => (outputs[name] === undefined ? [] : partsOf(outputs[name])));
    const file = parts.map(({ value }) => value).find(isMedia);
    if (file !== undefined) return { kind: fileTypeOf(file.mimeType)!, url: file.url };
    return wordsOf(parts[0]?.value);
  }
  return heldBy(node, info);
}

function heldBy(node: Pick<CanvasNode, 'data'>, info: NodeTypeInfo | undefined): Face {
  if (info === undefined) return { kind: 'none' };
  const value = staticValueOf({ ...node, id: '', position: { x: 0, y: 0 } }, info);
  const url = urlOf(value);
  const [field] = fileFieldsOf(info);
  const type = field?.dataType;
  if (url === null || type === undefined) return wordsOf(value);
  // Files of other hosts are loaded when somebody looks at their node, not by the dozen.
  const isNear = url.startsWith('/api/assets/') || typeOfDataUrl(url) !== null;
  return isNear ? { kind: type, url } : { kind: 'none' };
}

function urlOf(value: unknown): string | null {
  if (typeof value === 'string') return /^(https?:|data:|\/api\/assets\/)/.test(value) ? value : null;
  if (typeof value !== 'object' || value === null || !('url' in value)) return null;
  return typeof value.url === 'string' ? value.url : null;
}

function wordsOf(value: unknown): Face {
  if (value === undefined || value === null) return { kind: 'none' };
  const words = typeof value === 'string' ? value.trim() : JSON.stringify(value);
  return words === '' ? { kind: 'none' } : { kind: 'words', words };
}
