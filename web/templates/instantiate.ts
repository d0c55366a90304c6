import { z } from 'zod';
import type { Workflow } from '../../core/api/workflows.ts';
import { uploadFile, type ApiClient } from '../api/client.ts';
import type { Template } from './template.ts';

const sampleFileSchema = z.object({ url: z.string().startsWith('sample:'), name: z.string(), type: z.string() });

/** Makes a workflow out of a template: its samples are uploaded as the user's own files. Throws ApiError. */
export async function instantiate(api: ApiClient, template: Template): Promise<Workflow> {
  const uploads = new Map<string, Promise<string>>();
  const nodes = await Promise.all(
    template.graph.nodes.map(async (node) => {
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

async function uploadSample(path: string, name: string, type: string): Promise<string> {
  const response = await fetch(`/samples/${path}`);
  if (!response.ok) throw new Error(`The sample ${name} is missing from this installation.`);
  const asset = await uploadFile(new File([await response.blob()], name, { type }));
  return asset.url;
}
