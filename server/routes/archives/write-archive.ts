import { makeZip } from 'client-zip';
import type { Readable } from 'node:stream';
import type { AssetRow } from '../../../assets/asset-rows.ts';
import type { AssetContent } from '../../../assets/asset-store.ts';
import {
  archivedMedia,
  archivedVersion,
  archivedWorkflow,
  archiveManifest,
  type ArchiveManifest,
  type VersionFile,
} from '../../../core/api/workflow-archive.ts';
import type { WorkflowFile } from '../../../core/api/workflows.ts';
import { formatOf } from '../../../core/data-types/files.ts';

/** What an archive is made of. */
export interface ArchiveSource {
  readonly workflow: WorkflowFile;
  /** One at a time. */
  readonly versions: AsyncIterable<VersionFile>;
  /** Files that the graphs name. */
  readonly media: readonly AssetRow[];
  /** Null where the bytes are gone. */
  readonly contentOf: (asset: AssetRow) => Promise<AssetContent | null>;
  readonly now: () => Date;
}

/** The bytes of an archive. Graphs and files are read one after another; the manifest comes last and lists what went in. */
export function archiveOf(source: ArchiveSource): AsyncIterable<Uint8Array> {
  return makeZip(entriesOf(source)) as unknown as AsyncIterable<Uint8Array>;
}

async function* entriesOf({ workflow, versions, media, contentOf, now }: ArchiveSource) {
  const lastModified = now();
  const manifest: ArchiveManifest = { heddle: 'workflow-archive', format: 1, versions: [], media: [] };
  yield { name: archivedWorkflow, lastModified, input: textOf(workflow) };
  for await (const version of versions) {
    yield { name: archivedVersion(version.version), lastModified, input: JSON.stringify(version) };
    manifest.versions.push(version.version);
  }
  const written = new Set<string>();
  for (const asset of media) {
    const { id: assetId, sha256, name, mimeType, bytes } = asset;
    const file = archivedMedia(sha256, formatOf(mimeType)?.extension ?? 'bin');
    if (!written.has(file)) {
      const content = await contentOf(asset);
      if (content === null) continue;
      yield { name: file, lastModified, input: bytesOf(await content.open()) };
      written.add(file);
    }
    manifest.media.push({ assetId, file, sha256, name, mimeType, bytes });
  }
  yield { name: archiveManifest, lastModified, input: textOf(manifest) };
}

const textOf = (value: unknown) => JSON.stringify(value, null, 2);

async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of stream) yield chunk as Uint8Array<ArrayBuffer>;
}
