import type { AnyNodeDefinition } from '../node-type/definition.ts';
import { StoredElement } from '../node-type/stored-element.ts';
import { isAssetReference, type NodeInputs, type OutputValue } from '../node-type/values.ts';
import { canonicalJson } from './canonical-json.ts';
import type { NodeConfig } from './config.ts';
import { effectiveConfig, type Hash } from './fingerprint.ts';

/**
 * Whether an earlier output may stand in for a node.
 *
 * @param useCache as the run asks; null for deterministic nodes only
 */
export function mayStandIn(definition: AnyNodeDefinition, config: NodeConfig, useCache: boolean | null): boolean {
  // An inline node is done sooner than a look-up.
  return (useCache ?? definition.isDeterministic(config)) && definition.costClass(config) !== 'inline';
}

/**
 * The name of an output in the cache: a hash over the node's type, version and
 * config and over its inputs, where a file counts by its content. Equal keys
 * mean equal work, whatever nodes and workflows it is for.
 */
export function cacheKeyOf(definition: AnyNodeDefinition, config: NodeConfig, inputs: NodeInputs, hash: Hash): string {
  const contents = Object.fromEntries(Object.entries(inputs).map(([handle, value]) => [handle, contentOf(value)]));
  return hash(canonicalJson([definition.type, definition.version, effectiveConfig(config), contents]));
}

/** A value with each file by its content, whatever its id. */
export function contentOf(value: OutputValue | OutputValue[]): unknown {
  if (Array.isArray(value)) return value.map(contentOf);
  if (value instanceof StoredElement) return { key: value.key };
  if (isAssetReference(value)) return { sha256: value.sha256, mimeType: value.mimeType };
  return value;
}
