import { z } from 'zod';
import type { ModelProviderInfo } from '../api/llm.ts';
import type { Graph } from '../graph/graph.ts';
import { templateModel, type Template } from './template.ts';

/** A file that comes with the app. */
export interface Sample {
  /** Its file name among the samples. */
  readonly path: string;
  readonly name: string;
  readonly type: string;
}

const prefix = 'sample:';
const sampleFileSchema = z.object({ url: z.string().startsWith(prefix), name: z.string(), type: z.string() });

/**
 * The graph of a template for one user: its samples are replaced by files of the
 * user's own, and where a model is at hand its model nodes ask one that is there
 * and are turned on, and what says how to get one is left out.
 *
 * @param model a model that could answer; null where no provider is set up
 * @param store keeps a sample as a file of the user and gives its address; asked once for each
 */
export async function fillTemplate(
  template: Template,
  { model, store }: { readonly model: string | null; readonly store: (sample: Sample) => Promise<string> },
): Promise<Graph> {
  const stored = new Map<string, Promise<string>>();
  const addressOf = ({ url, name, type }: z.output<typeof sampleFileSchema>): Promise<string> => {
    const address = stored.get(url) ?? store({ path: url.slice(prefix.length), name, type });
    stored.set(url, address);
    return address;
  };
  /** Of a list of files; the samples in lists are photos. */
  const listed = async (item: unknown) => {
    if (typeof item !== 'string' || !item.startsWith(prefix)) return item;
    return addressOf({ url: item, name: item.slice(prefix.length), type: 'image/jpeg' });
  };
  const fill = async (node: Graph['nodes'][number]) => {
    if (model !== null && (node.type === 'llm' || node.data['offUntil'] === 'model')) {
      const { off: _off, offUntil: _until, ...data } = node.data;
      return { ...node, data: node.type === 'llm' ? { ...data, model } : data };
    }
    const { items } = node.data;
    if (Array.isArray(items) && items.some((item) => typeof item === 'string' && item.startsWith(prefix))) {
      return { ...node, data: { ...node.data, items: await Promise.all(items.map(listed)) } };
    }
    const file = sampleFileSchema.safeParse(node.data['file']);
    if (!file.success) return node;
    const { name, type } = file.data;
    return { ...node, data: { ...node.data, file: { url: await addressOf(file.data), name, type } } };
  };
  const leftOut = model === null ? [] : (template.withoutModelOnly ?? []);
  const nodes = await Promise.all(template.graph.nodes.filter(({ id }) => !leftOut.includes(id)).map(fill));
  return { nodes, edges: template.graph.edges };
}

/** The model that the templates name, else the first that could answer; null where no provider is set up. */
export function availableModel(providers: readonly ModelProviderInfo[]): string | null {
  const models = providers.filter(({ configured }) => configured).flatMap((provider) => provider.models);
  return (models.find(({ id }) => id === templateModel) ?? models[0])?.id ?? null;
}
