import { z } from 'zod';
import { typeByName, typeOfDataUrl } from '../../core/data-types/files.ts';
import { traitsOf, type FileType } from '../../core/data-types/table.ts';
import { newerFormatProblem } from '../../core/api/workflows.ts';
import { annotationTypes, graphEdgeSchema, graphNodeSchema } from '../../core/graph/graph.ts';
import { countOf } from '../ui/format.ts';
import { fromGraph } from './canvas-graph.ts';
import { foreignProgram, foreignWords } from './foreign-graph.ts';
import type { Fragment } from './fragment.ts';

/** What a clipboard or a drag holds, as far as it can be of use. */
export interface PasteSource<File> {
  readonly files: readonly File[];
  readonly text: string;
  /** What is shown of its HTML: the words, and the files that are shown in it. */
  readonly html: { readonly text: string; readonly media: readonly PastedMedia[] } | null;
}

/** What a workflow on this server may hold; a paste beyond it is `refused`. */
export interface PasteLimits {
  readonly maxNodes: number;
  readonly maxEdges: number;
  /** Of one field. */
  readonly maxTextBytes: number;
  /** Of a whole workflow. */
  readonly maxGraphBytes: number;
}

/** A file named by its web address or held in a data URL. */
export interface PastedMedia {
  readonly kind: FileType;
  readonly url: string;
}

/**
 * What a paste holds. `refused` says in words why nothing is made of it;
 * `leftOut` says which nodes were dropped, null for none.
 */
export type Pasted<File> =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'files'; readonly files: readonly File[] }
  | { readonly kind: 'nodes'; readonly fragment: Fragment; readonly leftOut: string | null }
  | { readonly kind: 'media'; readonly media: readonly PastedMedia[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly title: string; readonly words: string };

/** More addresses at once are a list to read, not images to look at. */
const mostAddresses = 20;

/** Reads what is pasted onto the canvas or dropped there; every kind of content goes through here. */
export function readPaste<File>(
  { files, text, html }: PasteSource<File>,
  { types, limits }: { readonly types: ReadonlySet<string>; readonly limits: PasteLimits },
): Pasted<File> {
  const words = text.trim() === '' ? (html?.text ?? '') : text;
  // Tables and text programs put an image of the text beside it.
  if (files.length > 0 && (html === null || words.trim() === '' || html.media.length > 0))
    return { kind: 'files', files };
  if (words.trim() === '') {
    const media = (html?.media ?? []).filter(({ url }) => /^(?:https?:|data:)/i.test(url)).slice(0, mostAddresses);
    if (media.length > 0) return { kind: 'media', media };
    return files.length > 0 ? { kind: 'files', files } : { kind: 'nothing' };
  }
  const media = addressesIn(words);
  if (media !== null) return { kind: 'media', media };
  return readGraph(words, types, limits) ?? readWords(words, limits);
}

function readWords(text: string, limits: PasteLimits): Pasted<never> {
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes <= limits.maxTextBytes) return { kind: 'text', text: text.replaceAll('\r\n', '\n') };
  const [has, most] = [bytes, limits.maxTextBytes].map(
    (size) => `${Math.ceil(size / 1024).toLocaleString('en-US')} KiB`,
  );
  return refused('The text is too long', `It is ${has}, a node can hold ${most}. Paste it in smaller parts.`);
}

function refused(title: string, words: string): Pasted<never> {
  return { kind: 'refused', title, words };
}

const fragmentSchema = z.looseObject({ nodes: z.array(graphNodeSchema).min(1), edges: z.array(graphEdgeSchema) });

/** A graph; null where the text is something else. */
function readGraph(text: string, types: ReadonlySet<string>, limits: PasteLimits): Pasted<never> | null {
  const start = text.trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return null;
  const isOurs = /^\{\s*"heddle"\s*:/.test(start.slice(0, 200));
  // Indented and with what the canvas adds it is a few times as long as it is kept.
  if (text.length > limits.maxGraphBytes * 4) {
    return isOurs ? refused('Not pasted', 'There are more nodes on the clipboard than a workflow can hold.') : null;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return isOurs ? refused('Not pasted', 'The nodes on the clipboard are incomplete. Copy them again.') : null;
  }
  const program = foreignProgram(value);
  if (program !== null) return refused('Not pasted', foreignWords(program));
  const newer = newerFormatProblem(value);
  if (isOurs && newer !== null) return refused('Not pasted', newer);
  const graph = graphIn(value);
  if (graph === null) return null;
  const parsed = fragmentSchema.safeParse(graph);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return isOurs || isGraphOfHeddle(graph, types)
      ? refused('Not pasted', `The nodes on the clipboard cannot be read: ${path.join('.')}: ${message}.`)
      : null;
  }
  const { nodes, edges } = parsed.data;
  if (nodes.length > limits.maxNodes || edges.length > limits.maxEdges) {
    return refused(
      'Not pasted',
      `${countOf(nodes.length, 'node')} and ${countOf(edges.length, 'connection')} are on the clipboard; a workflow can hold ${limits.maxNodes} and ${limits.maxEdges}.`,
    );
  }
  const isKnown = ({ type }: { type: string }) => types.has(type) || annotationTypes.has(type);
  const known = nodes.filter(isKnown);
  const unknown = [...new Set(nodes.filter((node) => !isKnown(node)).map(({ type }) => type))];
  if (known.length === 0) {
    return isOurs
      ? refused('Not pasted', `This server has no node type ${listOf(unknown)}.`)
      : refused('Not pasted', `These nodes are from another program. Heddle has no node type ${listOf(unknown)}.`);
  }
  const leftOut =
    unknown.length === 0
      ? null
      : `${countOf(nodes.length - known.length, 'node')}: this server has no node type ${listOf(unknown)}.`;
  return { kind: 'nodes', fragment: fromGraph(onceEach(known, edges)), leftOut };
}

/** The graph in copied nodes, an export, or an answer of the API. */
function graphIn(value: unknown): { nodes: unknown; edges: unknown } | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('nodes' in value && Array.isArray(value.nodes)) {
    return { nodes: value.nodes, edges: 'edges' in value ? value.edges : [] };
  }
  return 'data' in value ? graphIn(value.data) : null;
}

function isGraphOfHeddle({ nodes }: { nodes: unknown }, types: ReadonlySet<string>): boolean {
  const found = z.array(z.looseObject({ type: z.string() })).safeParse(nodes);
  return found.success && found.data.some(({ type }) => types.has(type));
}

type Nodes = z.output<typeof fragmentSchema>['nodes'];
type Edges = z.output<typeof fragmentSchema>['edges'];

/** Nodes that share an id each get their own; edges and frames mean the first. */
function onceEach(nodes: Nodes, edges: Edges): { nodes: Nodes; edges: Edges } {
  const taken = new Set(nodes.map(({ id }) => id));
  const seen = new Set<string>();
  const unique = nodes.map((node) => {
    if (!seen.has(node.id)) {
      seen.add(node.id);
      return node;
    }
    let number = 2;
    while (taken.has(`${node.id}~${number}`)) number += 1;
    const id = `${node.id}~${number}`;
    taken.add(id);
    seen.add(id);
    return { ...node, id };
  });
  return { nodes: unique, edges: edges.filter(({ source, target }) => seen.has(source) && seen.has(target)) };
}

function listOf(types: readonly string[]): string {
  const names = types.slice(0, 3).map((type) => `“${type.slice(0, 40).toWellFormed()}”`);
  return types.length > 3 ? `${names.join(', ')} and ${types.length - 3} more` : names.join(', ');
}

/** Addresses of shown files, one a line and nothing else; null where there is anything else. */
function addressesIn(text: string): PastedMedia[] | null {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim().replace(/^<(.*)>$/, '$1'))
    // A list of addresses may have comments.
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0 || lines.length > mostAddresses) return null;
  const media = lines.map(mediaOf);
  return media.every(({ length }) => length === 1) ? media.flat() : null;
}

/** The address of a document is a text to most people; what pages show is meant to be seen. */
const isShown = (type: FileType) => traitsOf(type).elements.length > 0;

/** Names of image formats as image servers take them in a query. */
const pictureFormat = /^(?:jpe?g|pjpg|png|gif|webp|avif)$/i;

/** The file that an address seems to lead to, by what stands in it; the server finds out when it runs. */
function mediaOf(address: string): PastedMedia[] {
  const inline = typeOfDataUrl(address);
  if (inline !== null && isShown(inline)) return [{ kind: inline, url: address }];
  if (!/^https?:\/\/\S+$/i.test(address) || !URL.canParse(address)) return [];
  const url = new URL(address);
  const values = [...url.searchParams.values()].map((value) => value.split(/[?#]/)[0]!);
  // `fm=jpg` names a format, not a file.
  const names = values.map((value) => (pictureFormat.test(value) ? `picture.${value}` : value));
  const [kind] = [url.pathname, ...names].flatMap((name) => typeByName(name) ?? []).filter(isShown);
  return kind === undefined ? [] : [{ kind, url: url.href }];
}
