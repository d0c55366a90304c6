import type { Workflow } from '../../core/api/workflows.ts';
import { availableModel, fillTemplate, type Sample } from '../../core/templates/fill-template.ts';
import type { Template } from '../../core/templates/template.ts';
import type { ApiClient } from '../api/client.ts';
import { loadFile } from '../api/load-file.ts';
import { uploadFile } from '../api/upload-file.ts';
import { unnamed } from '../workflows/unnamed.ts';

/** Makes a workflow of the user's own out of a template. Throws ApiError. */
export async function instantiate(api: ApiClient, template: Template): Promise<Workflow> {
  const model = availableModel(await api.listModels());
  return api.createWorkflow(template.title, await fillTemplate(template, { model, store: uploadSample }));
}

/** Deletes a workflow that a template was taken in place of, if nothing was done with it. What cannot be looked at stays. */
export async function removeUntouched(api: ApiClient, id: number): Promise<void> {
  try {
    const { name, slug, data } = await api.getWorkflow(id);
    if (name === unnamed && slug === null && data.nodes.length === 0) await api.deleteWorkflow(id);
  } catch {
    // Somebody else has deleted it, or may do more than this account.
  }
}

async function uploadSample({ path, name, type }: Sample): Promise<string> {
  const asset = await uploadFile(new File([await loadFile(`/samples/${path}`)], name, { type }));
  return asset.url;
}
