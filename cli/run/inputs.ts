import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { isListType, partsOf, rowOf } from '../../core/data-types/table.ts';
import { inputsOf, type WorkflowInput } from '../../core/interface/inputs.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { AnyNodeDefinition } from '../../core/node-type/definition.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';

/** One `--input`: a field of a node and its new value. */
interface Assignment {
  readonly node: string;
  readonly field: string | undefined;
  readonly value: string;
}

/** A graph to run, and the values for its inputs by name. */
export interface PreparedInputs {
  readonly data: Graph;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A file on the server, as a node's field names it. */
export interface UploadedFile {
  readonly url: string;
  readonly name: string;
  readonly mimeType: string;
}

/**
 * Tells the values of `--input` apart: those for inputs of the workflow by their names are given to the run, all others
 * are put into a copy of the graph. Files are handed to `upload`. Throws REQUEST_INVALID when a node is not known.
 */
export async function prepareInputs(
  graph: Graph,
  inputs: readonly string[],
  upload: (path: string) => Promise<UploadedFile>,
): Promise<PreparedInputs> {
  const named = new Map(inputsOf(graph, nodeCatalogue).map((input) => [input.name, input]));
  const given = new Map<string, unknown>();
  const rest: string[] = [];
  for (const text of inputs) {
    const { node: name, field, value } = parseAssignment(text);
    const input = field === undefined ? named.get(name) : undefined;
    if (input === undefined) rest.push(text);
    else given.set(name, await inputValue(input, value, upload, given.get(name)));
  }
  return { data: await applyInputs(graph, rest, upload), inputs: Object.fromEntries(given) };
}

/**
 * A file by its address; text as it is; all else as the JSON that it is, which the server holds against the input. Of a
 * list each `--input` is one more element, or all of them where it is JSON.
 */
export async function inputValue(
  { dataType }: Pick<WorkflowInput, 'dataType'>,
  value: string,
  upload: (path: string) => Promise<UploadedFile>,
  before: unknown,
): Promise<unknown> {
  if (isListType(dataType)) {
    const whole = jsonList(
      value.startsWith('@') && rowOf(partsOf(dataType).element).file === null ? await readText(value) : value,
    );
    const more = whole ?? [await inputValue({ dataType: partsOf(dataType).element }, value, upload, undefined)];
    return [...(Array.isArray(before) ? before : []), ...more];
  }
  if (rowOf(dataType).file !== null) return addressPattern.test(value) ? value : (await upload(value)).url;
  const text = await readText(value);
  if (dataType === 'text') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The list that a text is as JSON; null where it is none. */
export function jsonList(text: string): unknown[] | null {
  if (!text.trimStart().startsWith('[')) return null;
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** What begins so is an address for the server; anything else names a file here. */
export const addressPattern = /^(?:https?:|data:|\/api\/assets\/)/;

/**
 * Puts the values of `--input` into a copy of the graph. Values for
 * fields of files that are not addresses are files, handed to `upload`; `@file`
 * reads the text of a file for any other field. Throws REQUEST_INVALID when a node is not known.
 */
async function applyInputs(
  graph: Graph,
  inputs: readonly string[],
  upload: (path: string) => Promise<UploadedFile>,
): Promise<Graph> {
  const nodes = graph.nodes.map((node) => ({ ...node, data: { ...node.data } }));
  for (const { node: name, field, value } of inputs.map((text) => parseAssignment(text))) {
    const node = findNode(nodes, name);
    const definition = nodeCatalogue.get(node.type);
    const target = field ?? definition?.mainField;
    if (target === undefined) {
      throw invalid(`"${name}" is a ${node.type} node, which has no main field; use --input ${name}.FIELD=VALUE.`);
    }
    const place = filePlaces(definition).find(({ file, address }) => target === address || target === file);
    if (place !== undefined && !(addressPattern.test(value) && place.address !== undefined)) {
      const file = await upload(value);
      node.data[place.file] = { url: file.url, name: file.name, type: file.mimeType };
      if (place.address !== undefined) delete node.data[place.address];
    } else if (place?.address !== undefined) {
      delete node.data[place.file];
      node.data[place.address] = value;
    } else {
      node.data[target] = await readValue(value, definition?.configSchema.shape[target] as z.ZodType | undefined);
    }
  }
  return { ...graph, nodes };
}

/** The fields of a node type that hold files, each with the field that may hold its address instead. */
function filePlaces(definition: AnyNodeDefinition | undefined): { file: string; address: string | undefined }[] {
  return Object.entries(definition?.configSchema.shape ?? {}).flatMap(([file, schema]) => {
    const hints = (schema as z.ZodType).meta();
    const address = hints?.['addressField'];
    return hints?.['control'] === 'file' ? [{ file, address: typeof address === 'string' ? address : undefined }] : [];
  });
}

/** Throws like applyInputs for inputs that cannot be meant for this graph, without reading or uploading anything. */
export function checkInputs(graph: Graph, inputs: readonly string[]): void {
  const named = new Set(inputsOf(graph, nodeCatalogue).map(({ name }) => name));
  for (const { node, field } of inputs.map((text) => parseAssignment(text))) {
    if (field !== undefined || !named.has(node)) findNode(graph.nodes, node);
  }
}

/**
 * Takes `node=value` or `node.field=value` apart; `flag` is what it was given by, for the message. Throws
 * REQUEST_INVALID.
 */
export function parseAssignment(input: string, flag = '--input'): Assignment {
  const [, target = '', value = ''] = /^([^=]+)=([\s\S]*)$/.exec(input) ?? [];
  if (target === '')
    throw invalid(`${flag} ${input} has no "=": write ${flag} ${flag === '--input' ? 'node' : 'name'}=value.`);
  const dot = target.lastIndexOf('.');
  // A label may hold a dot; a field never holds a blank.
  if (dot > 0 && /^\w+$/.test(target.slice(dot + 1))) {
    return { node: target.slice(0, dot), field: target.slice(dot + 1), value };
  }
  return { node: target, field: undefined, value };
}

type InputNode = { readonly id: string; readonly type: string; readonly data: Record<string, unknown> };

/** A node by its id, or else by its label. Throws REQUEST_INVALID when there is none, or several. */
export function findNode<Node extends InputNode>(nodes: readonly Node[], name: string): Node {
  const byId = nodes.find((node) => node.id === name);
  if (byId !== undefined) return byId;
  const labeled = nodes.filter((node) => String(node.data['label'] ?? '').toLowerCase() === name.toLowerCase());
  const [only, second] = labeled;
  if (only !== undefined && second === undefined) return only;
  const known = nodes.map((node) => `${node.id} (${String(node.data['label'] ?? node.type)})`).join(', ');
  const names = inputsOf({ nodes: [...nodes] as Graph['nodes'] }, nodeCatalogue).map((input) => input.name);
  const inputs = names.length === 0 ? '' : ` Its inputs: ${names.join(', ')}.`;
  throw invalid(
    only === undefined
      ? `There is no node "${name}". The workflow has: ${known}.${inputs}`
      : `Several nodes are labeled "${name}"; use an id instead: ${labeled.map((node) => node.id).join(', ')}.`,
  );
}

/** A value as its field takes it: as text where it takes text, else as the JSON that it is, such as a number. */
async function readValue(value: string, field: z.ZodType | undefined): Promise<unknown> {
  const text = await readText(value);
  if (field === undefined || (field.meta()?.['control'] !== 'json' && field.safeParse(text).success)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `@file` is the text of a file. */
export async function readText(value: string): Promise<string> {
  if (!value.startsWith('@')) return value;
  return readFile(value.slice(1), 'utf8').catch((cause: unknown) => {
    throw new TerminalError('REQUEST_INVALID', `${value.slice(1)} cannot be read.`, { cause });
  });
}

/** A file's own name for an upload. */
export function uploadName(path: string): string {
  return basename(path);
}

/** REQUEST_INVALID for what was typed wrong: the command ends with its message. */
export function invalid(message: string): TerminalError {
  return new TerminalError('REQUEST_INVALID', message);
}
