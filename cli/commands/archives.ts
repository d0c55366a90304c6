import { createApiClient } from '../run/api-client.ts';
import { idOf } from './versions.ts';

interface ArchiveOptions {
  readonly server: string;
  readonly apiKey: string | undefined;
  readonly workspace?: string | undefined;
  readonly print: (text: string) => void;
}

/** `heddle export`: saves a workflow, with its versions and files where asked; prints the path. */
export async function exportWorkflow(
  options: ArchiveOptions & {
    /** The id of a workflow, or the slug of a published one. */
    readonly workflow: string;
    /** Default: a name made of the workflow's, here. */
    readonly out: string | undefined;
    readonly hasVersions: boolean;
    readonly hasMedia: boolean;
  },
): Promise<void> {
  const { workflow, hasVersions, hasMedia, print } = options;
  const api = createApiClient(options);
  const id = await idOf(api, workflow);
  const out = options.out ?? `${workflow}.${hasVersions || hasMedia ? 'zip' : 'json'}`;
  const query = `versions=${hasVersions ? 1 : 0}&media=${hasMedia ? 1 : 0}`;
  await api.save(`/api/workflows/${id}/export?${query}`, out);
  print(out);
}

/** `heddle import`: makes a workflow of an exported file; prints its id, and what came along. */
export async function importWorkflow(
  options: ArchiveOptions & { readonly file: string; readonly isLive: boolean },
): Promise<void> {
  const { file, isLive, print } = options;
  const { id, name, slug, liveVersion, imported } = await createApiClient(options).importWorkflow(file, isLive);
  print(`${id}  ${name}`);
  const { versions, files, missingFiles } = imported;
  if (versions.length > 0) print(`versions: ${versions.join(', ')}`);
  if (files > 0) print(`files: ${files}`);
  if (liveVersion !== null) print(`${slug} is live in version ${liveVersion}.`);
  for (const missing of missingFiles) print(`missing: file ${missing}`);
}
