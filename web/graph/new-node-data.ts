import type { ModelProviderInfo } from '../../core/api/llm.ts';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { templateModel } from '../../core/templates/template.ts';
import type { CanvasNode } from './canvas-graph.ts';
import { fieldsOf } from './form-fields.ts';

interface Around {
  readonly nodes: readonly CanvasNode[];
  /** Null while the list is loading. */
  readonly providers: readonly ModelProviderInfo[] | null;
}

/**
 * What somebody would fill into a new node first, besides its defaults: the model that the last node of its type asks, or
 * else, where it is for text, one that could answer. What draws or films has its price, and is chosen.
 */
export function newNodeData(info: NodeTypeInfo | undefined, { nodes, providers }: Around): Record<string, unknown> {
  const field = info === undefined ? undefined : fieldsOf(info.schema).find(({ control }) => control === 'model');
  if (info === undefined || field === undefined) return {};
  const { name, task } = field;
  const before = nodes.findLast(({ type, data }) => type === info.type && isName(data[name]));
  if (before !== undefined) return { [name]: before.data[name] };
  if (task !== 'text') return {};
  const models = (providers ?? [])
    .filter(({ configured, ownKey }) => configured || ownKey)
    .flatMap((provider) => provider.models)
    .filter(({ makes }) => makes?.includes(task) ?? true);
  const model = models.find(({ id }) => id === templateModel) ?? models[0];
  return model === undefined ? {} : { [name]: model.id };
}

function isName(model: unknown): boolean {
  return typeof model === 'string' && model !== '';
}
