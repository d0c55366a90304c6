import { z } from 'zod';
import type { Workflow } from '../../core/api/workflows.ts';
import type { ModelProviderInfo } from '../../core/api/llm.ts';
import { uploadFile, type ApiClient } from '../api/client.ts';
import { templateModel, type Template } from './template.ts';

const sampleFileSchema = z.object({ url: z.string().startsWith('sample:'), name: z.string(), type: z.string() });

/**
 * Makes a workflow out of a template: its samples are uploaded as the user's
 * own files, and where a model is at hand, its model nodes ask one that is
 * there and are turned on. Throws ApiError.
 */
export async function instantiate(api: ApiClient, template: Template): Promise<Workflow> {
  const model = availableModel(await api.listModels());
  const uploads = new Map<string, Promise<string>>();
  const nodes = await Promise.all(
    template.graph.nodes.map(async (node) => {
      if (node.type === 'llm' && model !== null) {
        const { off: _, ...data } = node.data;
        return { ...node, data: { ...data, model } };
      }
      const file = sampleFileSchema.safeParse(node.data['file']);
      if (!file.success) return node;
      const { url, name, type } = file.data;
      const upload = uploads.get(url) ?? uploadSample(url.slice('sample:'.length), name, type);
      uploads.set(url, upload);
      return { ...node, data: { ...node.data, file: { url: await upload, name, type } } };
    }),
  );
  return api.createWorkflow(template.title, { nodes, edges: template.graph.edges });
}

/** The model that the templates name, else the first that could answer; null where no provider is set up. */
export function availableModel(providers: readonly ModelProviderInfo[]): string | null {
  const models = providers.filter(({ configured }) => configured).flatMap((provider) => provider.models);
  return (models.find(({ id }) => id === templateModel) ?? models[0])?.id ?? null;
}

async function uploadSample(path: string, name: string, type: string): Promise<string> {
  const response = await fetch(`/samples/${path}`);
  if (!response.ok) throw new Error(`The sample ${name} is missing from this installation.`);
  const asset = await uploadFile(new File([await response.blob()], name, { type }));
  return asset.url;
}
