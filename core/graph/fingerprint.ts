import type { AnyNodeDefinition, NodeCatalogue } from '../node-type/definition.ts';
import { canonicalJson } from './canonical-json.ts';
import type { GraphStructure } from './structure.ts';

/** SHA-256 of a text, as 64 lower-case hex digits. */
export type Hash = (text: string) => string;

/** The config that the work depends on: parsed, and without the label. */
export function effectiveConfig(definition: AnyNodeDefinition, data: unknown): Record<string, unknown> {
  const { label: _label, ...config } = definition.configSchema.parse(data);
  return config;
}

/**
 * One fingerprint per node: a hash over its type, version and config and the
 * fingerprints of everything upstream of it with the handles that join them.
 * Two executions with equal fingerprints did the same work on the same data.
 *
 * `order` must list dependencies first.
 */
export function fingerprintNodes(
  structure: GraphStructure,
  order: readonly string[],
  catalogue: NodeCatalogue,
  hash: Hash,
): ReadonlyMap<string, string> {
  const fingerprints = new Map<string, string>();
  for (const id of order) {
    const node = structure.nodes.get(id)!;
    const definition = catalogue.get(node.type)!;
    // Sorted by handle, and stable: only the order of edges on one and the same handle has a meaning.
    const inputs = structure.incoming
      .get(id)!
      .toSorted((left, right) => compare(left.targetHandle, right.targetHandle))
      .map((edge) => [edge.targetHandle, edge.sourceHandle, fingerprints.get(edge.source)]);
    const config = effectiveConfig(definition, node.data);
    fingerprints.set(id, hash(canonicalJson([node.type, definition.version, config, inputs])));
  }
  return fingerprints;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
