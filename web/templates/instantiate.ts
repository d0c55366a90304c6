import type { Workflow } from '../../core/api/workflows.ts';
import { availableModel, fillTemplate, type Sample } from '../../core/templates/fill-template.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { Template } from '../../core/templates/template.ts';
import type { ApiClient } from '../api/client.ts';
import { loadFile } from '../api/load-file.ts';
import { uploadFile } from '../api/upload-file.ts';
import { unnamed } from '../workflows/unnamed.ts';

/**
 * Makes a workflow of the user's own out of a template. `instead`: one with nothing in it, which becomes it, if nothing was
 * done with it yet. Throws ApiError.
 */
export async function instantiate(
  api: ApiClient,
  template: Template,
  instead: number | null = null,
): Promise<Workflow> {
  const model = availableModel(await api.listModels());
  const data = await fillTemplate(template, { model, store: uploadSample });
  return (
    (instead === null ? null : await fillUntouched(api, instead, { name: template.title, data })) ??
    api.createWorkflow(template.title, data)
  );
}

/** Null where it is not empty any more, or is not for this account to change. */
async function fillUntouched(
  api: ApiClient,
  id: number,
  change: { readonly name: string; readonly data: Graph },
): Promise<Workflow | null> {
  try {
    const { name, data, version } = await api.getWorkflow(id);
    if (name !== unnamed || data.nodes.length > 0) return null;
    return await api.updateWorkflow(id, { ...change, version, draft: true });
  } catch {
    return null;
  }
}

async function uploadSample({ path, name, type }: Sample): Promise<string> {
  const asset = await uploadFile(new File([await loadFile(`/samples/${path}`)], name, { type }));
  return asset.url;
}
