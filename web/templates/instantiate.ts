import type { Workflow } from '../../core/api/workflows.ts';
import { availableModel, fillTemplate, type Sample } from '../../core/templates/fill-template.ts';
import type { Template } from '../../core/templates/template.ts';
import type { ApiClient } from '../api/client.ts';
import { loadFile } from '../api/load-file.ts';
import { uploadFile } from '../api/upload-file.ts';

/** Makes a workflow of the user's own out of a template. Throws ApiError. */
export async function instantiate(api: ApiClient, template: Template): Promise<Workflow> {
  const model = availableModel(await api.listModels());
  return api.createWorkflow(template.title, await fillTemplate(template, { model, store: uploadSample }));
}

async function uploadSample({ path, name, type }: Sample): Promise<string> {
  const asset = await uploadFile(new File([await loadFile(`/samples/${path}`)], name, { type }));
  return asset.url;
}
