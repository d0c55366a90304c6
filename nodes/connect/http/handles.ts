import { z } from 'zod';
import type { DataType } from '../../../core/data-types/table.ts';
import type { InputHandle, NodeHandles } from '../../../core/node-type/definition.ts';
import { placesIn, readJson, secretRoot, textsIn } from './request-text.ts';

/** What the handles of a request follow from. Its fields are defined, and checked, in definition.ts. */
export const shapeOfRequest = z.object({
  method: z.string().default('GET'),
  url: z.string().default(''),
  query: z.string().default(''),
  headers: z.string().default(''),
  bodyType: z.string().default('none'),
  body: z.string().default(''),
  answer: z.string().default('json'),
});
type RequestShape = z.output<typeof shapeOfRequest>;

/** Inputs that the node has whatever is written in it. */
export const ownInputs: ReadonlySet<string> = new Set(['url', 'file']);

/** Whether a request of this config has a body. */
export function hasBody({ method, bodyType }: Pick<RequestShape, 'method' | 'bodyType'>): boolean {
  return bodyType !== 'none' && method !== 'GET' && method !== 'HEAD';
}

/** Every text of a request that may have places, with the field that it stands in. */
export function textsOf(config: RequestShape): readonly (readonly [field: string, text: string])[] {
  const { url, query, headers, body, bodyType } = config;
  const bodies = !hasBody(config) || bodyType === 'file' ? [] : bodyType === 'json' ? jsonTexts(body) : [body];
  return [['url', url], ['query', query], ['headers', headers], ...bodies.map((text) => ['body', text] as const)];
}

/** Half written JSON has the places of its text, so that no edge is lost while somebody types. */
function jsonTexts(body: string): readonly string[] {
  const read = readJson(body);
  return read === null ? [body] : textsIn(read.value);
}

/** The URL, a place for a file, and an input for each name; an output of the kind of the answer. */
export function handlesOfRequest(config: RequestShape): NodeHandles {
  const names = new Map<string, boolean>();
  for (const place of textsOf(config).flatMap(([, text]) => placesIn(text))) {
    if (place.name === secretRoot || ownInputs.has(place.name)) continue;
    const isOptional = place.filters.some(({ name }) => name === 'default');
    names.set(place.name, (names.get(place.name) ?? false) || !isOptional);
  }
  const inputs: InputHandle[] = [
    { id: 'url', title: 'URL', dataType: 'text', configField: 'url', required: true, onlyByName: true },
    ...(hasBody(config) && config.bodyType === 'file'
      ? [{ id: 'file', title: 'File', dataType: 'any', required: true } as const]
      : []),
    ...[...names].map(([id, required]): InputHandle => ({ id, title: id, dataType: 'any', required })),
  ];
  return {
    inputs,
    outputs: [
      { id: 'output', title: 'Answer', dataType: config.answer as DataType },
      { id: 'status', title: 'Status', dataType: 'number' },
      { id: 'headers', title: 'Headers', dataType: 'json' },
    ],
  };
}
