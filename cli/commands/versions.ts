import type { PublishedVersion } from '../../core/api/versions.ts';
import { typescriptOf } from '../../core/interface/typescript.ts';
import { createApiClient, type ApiClient } from '../run/api-client.ts';
import { invalid } from '../run/inputs.ts';

interface VersionsOptions {
  /** The id of a workflow, or the slug of a published one. */
  readonly workflow: string;
  readonly server: string;
  readonly apiKey: string | undefined;
  readonly print: (text: string) => void;
}

/** `heddle publish`: gives the draft of a workflow the next version, which is live then. */
export async function publish(options: VersionsOptions & { readonly note: string | undefined }): Promise<void> {
  const api = createApiClient(options);
  const { version, slug } = await api.publish(await idOf(api, options.workflow), options.note);
  options.print(`${slug} is live in version ${version}.`);
}

/** `heddle versions`: lists the published versions of a workflow; with `live`, makes one of them live first. */
export async function listVersions(options: VersionsOptions & { readonly live: number | undefined }): Promise<void> {
  const api = createApiClient(options);
  const id = await idOf(api, options.workflow);
  if (options.live !== undefined) await api.setLive(id, options.live);
  const versions = await api.listVersions(id);
  if (versions.length === 0) options.print('Nothing was published yet.');
  for (const version of versions) options.print(lineOf(version));
}

/** `heddle types`: the TypeScript types of what a published workflow takes and gives, for `@heddle/client`. */
export async function printTypes(options: VersionsOptions & { readonly version: number | undefined }): Promise<void> {
  const workflow = await createApiClient(options).readNamed(slugOf(options.workflow), options.version);
  options.print(typescriptOf(workflow).trimEnd());
}

function lineOf({ version, live, publishedAt, publishedBy, note }: PublishedVersion): string {
  const about = note === '' ? '' : `  ${note.replaceAll(/\s+/g, ' ')}`;
  return `${live ? '*' : ' '} ${String(version).padStart(4)}  ${publishedAt}  ${publishedBy ?? '-'}${about}`;
}

/** The id of a workflow that is named by its id or its slug. */
export async function idOf(api: ApiClient, workflow: string): Promise<number> {
  if (/^\d{1,9}$/.test(workflow)) return Number(workflow);
  return (await api.readNamed(slugOf(workflow), undefined)).workflowId;
}

/** Throws REQUEST_INVALID for what cannot be the name of a workflow in addresses. */
export function slugOf(text: string): string {
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text)) return text;
  throw invalid(`"${text}" is neither a file, the id of a workflow nor the name of a published one. Check it.`);
}
