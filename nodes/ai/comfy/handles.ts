import { z } from 'zod';
import type { DataType } from '../../../core/data-types/table.ts';
import type { NodeHandles } from '../../../core/node-type/definition.ts';

/** What may come of a graph. */
export const comfyResults = ['image', 'video', 'audio'] as const;
export type ComfyResult = (typeof comfyResults)[number];

/** What the handles of a `comfy` node follow from. */
export const shapeOfComfy = z.object({ graph: z.string().default(''), result: z.enum(comfyResults).default('image') });

const place = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
const alone = /^\{\{\s*([A-Za-z_]\w*)\s*\}\}$/;

/** The names of the places of a text, each once. */
export function namesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(place)].map(([, name]) => name!))];
}

/** An input for each `{{name}}`; the first result, and all of them. */
export function handlesOfComfy({ graph, result }: z.output<typeof shapeOfComfy>): NodeHandles {
  return {
    inputs: namesIn(graph).map((id) => ({ id, title: id, dataType: 'any', required: true }) as const),
    outputs: [
      { id: 'output', title: 'First result', dataType: result },
      { id: 'all', title: 'All results', dataType: `list<${result}>` as DataType },
    ],
  };
}

/** The graph with what comes in at its places: a place that stands alone in its text becomes the value itself. */
export function fillGraph(value: unknown, valueOf: (name: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => fillGraph(each, valueOf));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillGraph(each, valueOf)]));
  if (typeof value !== 'string') return value;
  const name = alone.exec(value)?.[1];
  if (name !== undefined) return valueOf(name);
  return value.replaceAll(place, (_whole, each: string) => {
    const filled = valueOf(each);
    return typeof filled === 'string' ? filled : JSON.stringify(filled);
  });
}

const apiNode = z.looseObject({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) });

/** A graph in ComfyUI's API format; null where the text is none. */
export function readComfyGraph(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const read = z.record(z.string(), apiNode).safeParse(JSON.parse(text));
    return read.success && Object.keys(read.data).length > 0 ? read.data : null;
  } catch {
    return null;
  }
}
