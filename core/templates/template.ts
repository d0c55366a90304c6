import type { Graph } from '../graph/graph.ts';

/** A finished workflow to start from. */
export interface Template {
  /** Stable name, used in addresses and tests. */
  readonly id: string;
  readonly title: string;
  /** What comes out of it, in one or two sentences. */
  readonly description: string;
  /** It runs with no key of a model provider. */
  readonly runsWithoutKey: boolean;
  /** Nodes that say how to get a model; left out where there is one. */
  readonly withoutModelOnly?: readonly string[];
  /** `file.url` may name a sample: `sample:flask.jpg`. */
  readonly graph: Graph;
}

type Node = Graph['nodes'][number];

/** A node of a template. */
export function node(
  id: string,
  type: string,
  x: number,
  y: number,
  data: Record<string, unknown>,
  extra: object = {},
): Node {
  return { id, type, position: { x, y }, data, ...extra };
}

/** An edge, written as `text.output -> llm.user_message`; `data` as in a graph. */
export function edge(text: string, data?: Record<string, unknown>): Graph['edges'][number] {
  const match = /^(\S+)\.(\S+) -> (\S+)\.(\S+)$/.exec(text);
  if (match === null) throw new Error(`"${text}" is not an edge of a template.`);
  const [, source, sourceHandle, target, targetHandle] = match as unknown as [string, string, string, string, string];
  const id = text.replace(/[^a-z0-9]+/gi, '-');
  return { id, source, sourceHandle, target, targetHandle, ...(data !== undefined && { data }) };
}

/** A note of a template; place and size are in pixels of the canvas. */
export function note(id: string, x: number, y: number, width: number, height: number, text: string): Node {
  return node(id, 'note', x, y, { text }, { width, height });
}

/** Marks a node that holds a value: whoever runs the template as an app is asked for it. */
export function asked(name: string, label: string, help?: string): { input: Record<string, unknown> } {
  return { input: { name, label, ...(help !== undefined && { help }) } };
}

/** A named result, which an app shows and other programs get; `data` is beside its name and label. */
export function result(name: string, x: number, y: number, label: string, data: Record<string, unknown> = {}): Node {
  return node(`result-${name}`, 'output', x, y, { name, label, ...data });
}

/** The sample image and the sample video that come with the app. */
export const samplePhoto = { url: 'sample:flask.jpg', name: 'flask.jpg', type: 'image/jpeg' };
/** Comes with the app, like `samplePhoto`; the `sample:` address is replaced when the template is filled. */
export const sampleVideo = { url: 'sample:turn.mp4', name: 'turn.mp4', type: 'video/mp4' };

/** A document that comes with the app, like `samplePhoto`. */
export const sampleNotes = { url: 'sample:harbor-notes.txt', name: 'harbor-notes.txt', type: 'text/plain' };

/** The model that templates name; another one can be picked in the node. */
export const templateModel = 'gemini-2.5-flash';
/** Those that templates name for what is more than text. */
export const templateImageModel = 'gemini-2.5-flash-image';
/** Of nodes that speak. */
export const templateSpeechModel = 'gemini-2.5-flash-preview-tts';
