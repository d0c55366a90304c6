import { acceptedTypes } from '../data-types/files.ts';
import { partsOf, rowOf, type FileType } from '../data-types/table.ts';
import { annotationTypes, type Graph, type GraphNode } from '../graph/graph.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { inputOf, type WorkflowInput } from './inputs.ts';
import { wrongValue } from './input-value.ts';
import { outputName } from './outputs.ts';
import { inputSettingsSchema, isMarked } from './settings.ts';

/** What is wrong with a name or a mark, as a finding of the graph. */
export interface InterfaceFinding {
  readonly code: 'NODE_DATA_INVALID';
  readonly message: string;
  readonly nodeIds: readonly string[];
  readonly path: string;
}

/**
 * What is wrong with the inputs and results of a graph: marks that do not hold together, and names that are there twice.
 * Upper and lower case do not tell two names apart, since not every caller does. Linear in nodes.
 */
export function interfaceFindings(graph: Pick<Graph, 'nodes'>, catalogue: NodeCatalogue): InterfaceFinding[] {
  const findings: InterfaceFinding[] = [];
  const inputs = new Map<string, GraphNode>();
  const outputs = new Map<string, GraphNode>();
  for (const [index, node] of graph.nodes.entries()) {
    if (annotationTypes.has(node.type)) continue;
    const path = `nodes[${index}].data`;
    const result = outputName(node);
    if (result !== null) findings.push(...twice(outputs, result, node, 'results', `${path}.name`));
    if (!isMarked(node.data)) continue;
    const complain = (field: string, message: string) =>
      void findings.push({
        code: 'NODE_DATA_INVALID',
        message: `${nameOf(node)}: ${message}`,
        nodeIds: [node.id],
        path: `${path}.input${field}`,
      });
    const name = checkMark(node, catalogue, complain);
    if (name !== null) findings.push(...twice(inputs, name, node, 'inputs', `${path}.input.name`));
  }
  return findings;
}

/** Checks one mark; the name where it has a proper one. */
function checkMark(
  node: GraphNode,
  catalogue: NodeCatalogue,
  complain: (field: string, message: string) => void,
): string | null {
  const definition = catalogue.get(node.type);
  if (definition === undefined) return null;
  if (definition.value === undefined) {
    // A field of that name that belongs to the type is its own business, and so is what is no mark.
    const raw = node.data['input'];
    if (Object.hasOwn(definition.configSchema.shape, 'input') || typeof raw !== 'object') return null;
    if (Object.hasOwn(raw as object, 'name')) {
      complain('', 'Only nodes that hold a value can be inputs of the workflow. Remove the mark "input".');
    }
    return null;
  }
  const settings = inputSettingsSchema.safeParse(node.data['input']);
  if (!settings.success) {
    for (const issue of settings.error.issues) {
      const field = issue.path.map(String).join('.');
      complain(field === '' ? '' : `.${field}`, `input${field === '' ? '' : `.${field}`}: ${issue.message}`);
    }
    return null;
  }
  const input = inputOf(node, definition, settings.data);
  if (input !== null) checkSettings(input, complain);
  return settings.data.name;
}

function checkSettings(input: WorkflowInput, complain: (field: string, message: string) => void): void {
  const { settings, dataType } = input;
  const { min, max, formats, default: fallback } = settings;
  if (min !== undefined && max !== undefined && min > max) {
    complain('.min', `The least value ${min} is above the greatest, ${max}. Change one of them.`);
  }
  const { element } = partsOf(dataType);
  if (rowOf(element).file !== null && formats !== undefined) {
    const accepted = acceptedTypes(element as FileType);
    for (const [index, format] of formats.entries()) {
      if (accepted.some((pattern) => isMatch(format, pattern))) continue;
      complain(
        `.formats.${index}`,
        `${JSON.stringify(format)} is not a format of ${rowOf(element).plural}. Use content types such as ${accepted.join(', ')}.`,
      );
    }
  }
  const wrong = fallback === undefined ? null : wrongValue(input, fallback);
  if (wrong !== null) complain('.default', `The default does not fit. ${wrong}`);
  if (settings.hidden === true && settings.required === true && fallback === undefined) {
    complain('.hidden', 'A hidden input that is required needs a default, since no form asks for it. Give one.');
  }
}

/** Whether a content type matches a pattern such as `image/*`. */
function isMatch(format: string, pattern: string): boolean {
  return pattern.endsWith('*') ? format.startsWith(pattern.slice(0, -1)) : format === pattern;
}

function twice(
  known: Map<string, GraphNode>,
  name: string,
  node: GraphNode,
  what: 'inputs' | 'results',
  path: string,
): InterfaceFinding[] {
  const key = name.toLowerCase();
  const other = known.get(key);
  if (other === undefined) {
    known.set(key, node);
    return [];
  }
  const difference = what === 'inputs' ? other.data['input'] : other.data;
  const otherName = (difference as { readonly name?: unknown }).name;
  const names = otherName === name ? `"${name}"` : `"${String(otherName)}" and "${name}", which differ in case only`;
  return [
    {
      code: 'NODE_DATA_INVALID',
      message: `${nameOf(other)} and ${nameOf(node)} are ${what} of one name, ${names}. Give one of them another name.`,
      nodeIds: [other.id, node.id],
      path,
    },
  ];
}

/** As people know a node: by its label, else by its id. */
function nameOf({ id, data }: GraphNode): string {
  const { label } = data;
  return typeof label === 'string' && label.trim() !== '' ? `Node "${label}"` : `Node "${id}"`;
}
