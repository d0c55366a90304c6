import { z } from 'zod';
import { timestampSchema } from './common.ts';
import { maxNoteLength, versionNumberSchema } from './versions.ts';
import { workflowSchema } from './workflows.ts';

/*
 * A workflow with its versions and files as one zip archive:
 *
 *   workflow.json            the draft, as a workflow file
 *   versions/7.json          a published version
 *   media/<sha256>.<ending>  a file that a graph names
 *   manifest.json            what is in it
 */

/** Name of the draft in an archive. */
export const archivedWorkflow = 'workflow.json';
/** Name of the list of what is in an archive. */
export const archiveManifest = 'manifest.json';

/** Grows when archives are written that older programs cannot read. */
const archiveFormat = 1;

/** Entries of one archive: versions and files together, with room for the draft and the manifest. */
export const maxArchiveEntries = 10_000;

/** Name of a published version in an archive. */
export function archivedVersion(version: number): string {
  return `versions/${version}.json`;
}

/** Name of a content in an archive: files with the same bytes share one. `extension`: as formats have it. */
export function archivedMedia(sha256: string, extension: string): string {
  return `media/${sha256}.${extension}`;
}

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'Use 64 digits of lower-case hex.');

/** A published version as a file. Who published it stays where that was. */
export const versionFileSchema = z.object({
  heddle: z.literal('workflow-version'),
  format: z.literal(archiveFormat),
  version: versionNumberSchema,
  note: z.string().max(maxNoteLength),
  publishedAt: timestampSchema,
  /** It was what programs ran. */
  live: z.boolean(),
  /** SHA-256 of the graph in canonical JSON; lower-case hex. */
  hash: sha256Schema,
  /** The graph. */
  data: z.unknown(),
});
export type VersionFile = z.input<typeof versionFileSchema>;

/** What is in an archive beside the draft. */
export const archiveManifestSchema = z.object({
  heddle: z.literal('workflow-archive'),
  format: z.literal(archiveFormat),
  /** Numbers of the published versions that came along. */
  versions: z.array(versionNumberSchema).max(maxArchiveEntries),
  media: z
    .array(
      z.object({
        /** The id that the graphs name it by. */
        assetId: z.uuid().lowercase(),
        /** The entry with its bytes. */
        file: z.string().regex(/^media\/[0-9a-f]{64}\.[a-z0-9]{1,8}$/, 'Use "media/<sha256>.<ending>".'),
        sha256: sha256Schema,
        name: z.string().max(255),
        mimeType: z.string().max(255),
        bytes: z.number().int().nonnegative(),
      }),
    )
    .max(maxArchiveEntries),
});
export type ArchiveManifest = z.infer<typeof archiveManifestSchema>;

/** A workflow that was imported, with what came along. */
export const importedWorkflowSchema = workflowSchema
  .extend({
    imported: z.object({
      /** Numbers of the versions, which keep them. */
      versions: z.array(versionNumberSchema),
      /** Files that the archive brought; those that were there already count too. */
      files: z.number().int().nonnegative(),
      /** Ids of files that the graphs name, and that are neither in the archive nor in the workspace. */
      missingFiles: z.array(z.uuid()),
    }),
  })
  .meta({ id: 'ImportedWorkflow' });
export type ImportedWorkflow = z.infer<typeof importedWorkflowSchema>;
