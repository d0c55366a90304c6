import type { Workflow } from '../../core/api/workflows.ts';
import { availableModel, fillTemplate, type Sample } from '../../core/templates/fill-template.ts';
import type { Template } from '../../core/templates/template.ts';
import { uploadFile, type ApiClient } from '../api/client.ts';

/** Makes a workflow of the user's own out of a template. Throws ApiError. */
export async function instantiate(api: ApiClient, template: Template): Promise<Workflow> {
  const model = availableModel(await api.listModels());
  return api.createWorkflow(template.title, await fillTemplate(template, { model, store: uploadSample }));
}

async function uploadSample({ path, name, type }: Sample): Promise<string> {
  const response = await fetch(`/samples/${path}`);
  if (!response.ok) throw new Error(`The sample ${name} is missing from this installation.`);
  const asset = await uploadFile(new File([await response.blob()], name, { type }));
  return asset.url;
}
