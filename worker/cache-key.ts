import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/graph/canonical-json.ts';
import type { NodeConfig } from '../core/graph/config.ts';
import { effectiveConfig } from '../core/graph/fingerprint.ts';
import type { AnyNodeDefinition } from '../core/node-type/definition.ts';
import { isAssetReference, type NodeInputs, type OutputValue } from '../core/node-type/values.ts';

/**
 * The name of an output in the cache: SHA-256 over the node's type, version and
 * config and over its inputs, where a file counts by its content. Equal keys
 * mean equal work, whatever nodes and workflows it is for.
 */
export function cacheKeyOf(definition: AnyNodeDefinition, config: NodeConfig, inputs: NodeInputs): string {
  const contents = Object.fromEntries(Object.entries(inputs).map(([handle, value]) => [handle, contentOf(value)]));
  return createHash('sha256')
    .update(canonicalJson([definition.type, definition.version, effectiveConfig(config), contents]))
    .digest('hex');
}

function contentOf(value: OutputValue | OutputValue[]): unknown {
  if (Array.isArray(value)) return value.map(contentOf);
  if (isAssetReference(value)) return { sha256: value.sha256, mimeType: value.mimeType };
  return value;
}
