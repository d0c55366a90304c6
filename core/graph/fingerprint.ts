import type { NodeCatalogue } from '../node-type/definition.ts';
import { canonicalJson } from './canonical-json.ts';
import { configOf, type NodeConfig } from './config.ts';
import { eachSettingsOf } from './each.ts';
import type { GraphStructure, ResolvedEdge } from './structure.ts';

/** SHA-256 of a text, as 64 lower-case hex digits. */
export type Hash = (text: string) => string;

/** What the work depends on of a config: all but the label. */
export function effectiveConfig({ label: _label, ...config }: NodeConfig): Record<string, unknown> {
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
    const incoming = structure.incoming.get(id)!;
    const sorted = isSorted(incoming)
      ? incoming
      : incoming.toSorted((left, right) => compare(left.targetHandle, right.targetHandle));
    let inputs = '';
    for (const { targetHandle, sourceHandle, source, each } of sorted) {
      const comma = inputs === '' ? '' : ',';
      const way = each === undefined ? '' : `,${each}`;
      inputs += `${comma}[${JSON.stringify(targetHandle)},${JSON.stringify(sourceHandle)},"${fingerprints.get(source)}"${way}]`;
    }
    const config = canonicalJson(effectiveConfig(configOf(structure.configs, definition, node)));
    // The canonical JSON of a list of these, put together here: it is most of what planning costs.
    const each = eachPart(node.data);
    fingerprints.set(id, hash(`[${JSON.stringify(node.type)},${definition.version},${config},[${inputs}]${each}]`));
  }
  return fingerprints;
}

/** What of the settings for lists has a say in the result; nothing where nobody has set any. */
function eachPart(data: Readonly<Record<string, unknown>>): string {
  if (!Object.hasOwn(data, 'each')) return '';
  const { pairing, onError, only } = eachSettingsOf(data);
  const chosen = only === undefined ? '' : `,${canonicalJson(only)}`;
  return pairing === 'pair' && onError === 'stop' && chosen === '' ? '' : `,"${pairing}","${onError}"${chosen}`;
}

function isSorted(edges: readonly ResolvedEdge[]): boolean {
  for (let index = 1; index < edges.length; index += 1) {
    if (edges[index - 1]!.targetHandle > edges[index]!.targetHandle) return false;
  }
  return true;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
