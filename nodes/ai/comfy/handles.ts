import { z } from 'zod';
import type { DataType } from '../../../core/data-types/table.ts';
import type { NodeHandles } from '../../../core/node-type/definition.ts';

/** What may come of a graph. */
export const comfyResults = ['image', 'video', 'audio'] as const;
export type ComfyResult = (typeof comfyResults)[number];

/** An output with a name: `depth = 12`, or `sound = 31 audio` where it is of another kind than the result. */
const namedOutput = /^\s*([A-Za-z_]\w{0,63})\s*=\s*(\S{1,100}?)(?:\s+(image|video|audio))?\s*$/;
const ownOutputs: readonly string[] = ['output', 'all', 'error'];
/** More than a graph puts out that somebody goes on with. */
const maxOutputs = 20;

/** Results by name, one on a line. */
export const namedOutputsSchema = z
  .array(z.string().regex(namedOutput, 'Write a name and the number of a node, as in depth = 12'))
  .max(maxOutputs, `There are at most ${maxOutputs} results with a name`)
  .superRefine((lines, context) => {
    const seen = new Set(ownOutputs);
    for (const [index, line] of lines.entries()) {
      const name = namedOutput.exec(line)?.[1];
      if (name === undefined) continue;
      if (seen.has(name))
        context.addIssue({ code: 'custom', path: [index], message: `The name "${name}" is taken. Choose another one` });
      seen.add(name);
    }
  })
  .default([]);

/** What the handles of a `comfy` node follow from. */
export const shapeOfComfy = z.object({
  graph: z.string().default(''),
  result: z.enum(comfyResults).default('image'),
  named: namedOutputsSchema,
});

/** A result with a name: that of a node of the graph. */
export interface NamedResult {
  readonly name: string;
  readonly node: string;
  readonly kind: ComfyResult;
}

/** The results with a name; those without a kind are of that of the others. */
export function namedResultsOf({
  named,
  result,
}: Pick<z.output<typeof shapeOfComfy>, 'named' | 'result'>): readonly NamedResult[] {
  return named.flatMap((line) => {
    const [, name, node, kind] = namedOutput.exec(line) ?? [];
    return name === undefined ? [] : [{ name, node: node!, kind: (kind as ComfyResult | undefined) ?? result }];
  });
}

const place = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
const alone = /^\{\{\s*([A-Za-z_]\w*)\s*\}\}$/;

/** The names of the places of a text, each once. */
export function namesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(place)].map(([, name]) => name!))];
}

/** An input for each `{{name}}`; the first result, all of them, and those with a name. */
export function handlesOfComfy({ graph, result, named }: z.output<typeof shapeOfComfy>): NodeHandles {
  return {
    inputs: namesIn(graph).map((id) => ({ id, title: id, dataType: 'any', required: true }) as const),
    outputs: [
      { id: 'output', title: 'First result', dataType: result },
      { id: 'all', title: 'All results', dataType: `list<${result}>` as DataType },
      ...namedResultsOf({ named, result }).map(
        ({ name, kind }) => ({ id: name, title: name, dataType: kind }) as const,
      ),
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
