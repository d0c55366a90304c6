import { AppError, TerminalError } from '../../core/errors/app-error.ts';
import type { Graph, GraphNode } from '../../core/graph/graph.ts';
import type { GraphFinding } from '../../core/graph/findings.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import { holdsOf } from '../../core/node-type/schema-fields.ts';
import type { AddressRules } from '../../net/address-rules.ts';
import { checkUrl } from '../../net/check-url.ts';

/** A scheme at the beginning, but for what holds its content itself. */
const addressPattern = /^(?!data:)[a-z][a-z0-9+.-]*:/i;

/**
 * The addresses written into nodes that nothing may be fetched from. Half
 * written ones are left for the run; names are looked up only then, since what
 * they stand for may change.
 */
export function* addressFindings(
  graph: Graph,
  catalogue: NodeCatalogue,
  addresses: AddressRules,
): Generator<GraphFinding> {
  for (const [index, node] of graph.nodes.entries()) {
    for (const { field, text } of addressesOf(node, catalogue)) {
      const error = refusalOf(text.trim(), addresses);
      if (error === null) continue;
      yield {
        code: error.code,
        message: `Node "${node.id}": ${error.message}`,
        nodeIds: [node.id],
        path: `nodes[${index}].data.${field}`,
      };
    }
  }
}

function refusalOf(text: string, addresses: AddressRules): AppError | null {
  if (!addressPattern.test(text)) return null;
  // Whatever else is wrong with it: nobody's password is kept.
  if (hasCredentials(text)) {
    return new TerminalError('URL_INVALID', 'An address with a user name or password in it is not kept. Remove them.');
  }
  try {
    checkUrl(text, addresses);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code === 'URL_INVALID' ? null : error;
    throw error;
  }
}

function hasCredentials(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && (url.username !== '' || url.password !== '');
}

/** The fields of a node that hold an address, or a file with one. */
function* addressesOf(node: GraphNode, catalogue: NodeCatalogue): Generator<{ field: string; text: string }> {
  for (const [field, schema] of Object.entries(catalogue.get(node.type)?.configSchema.shape ?? {})) {
    const holds = holdsOf(schema);
    const value = Object.hasOwn(node.data, field) ? node.data[field] : undefined;
    if (Array.isArray(value) && holdsAddresses(schema.meta?.()?.['addressesWhen'], node)) {
      for (const [index, item] of value.entries())
        if (typeof item === 'string') yield { field: `${field}.${index}`, text: item };
    }
    if (holds === 'address' && typeof value === 'string') yield { field, text: value };
    if (holds !== 'file' || typeof value !== 'object' || value === null) continue;
    const url: unknown = Object.hasOwn(value, 'url') ? (value as { url: unknown }).url : undefined;
    if (typeof url === 'string') yield { field: `${field}.url`, text: url };
  }
}

/** Whether a list of texts is one of addresses: as a field beside it says. */
function holdsAddresses(when: unknown, { data }: GraphNode): boolean {
  if (typeof when !== 'object' || when === null) return false;
  const { field, values } = when as { readonly field: string; readonly values: readonly unknown[] };
  return values.includes(Object.hasOwn(data, field) ? data[field] : undefined);
}
