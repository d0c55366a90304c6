import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { AssetRow } from '../../assets/asset-rows.ts';
import { binarySchema } from '../../core/api/assets.ts';
import { importedWorkflowSchema, maxArchiveEntries, type VersionFile } from '../../core/api/workflow-archive.ts';
import { workflowFileSchema, type Workflow } from '../../core/api/workflows.ts';
import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { createFairPool } from '../../core/fair-pool.ts';
import { idsIn } from '../../core/graph/named-files.ts';
import type { Scope } from '../../core/scope.ts';
import { withoutKeys } from '../../core/scrub.ts';
import { listAssetsById } from '../../db/assets/find.ts';
import { findWorkflow } from '../../db/workflows/find.ts';
import { listVersionNumbers } from '../../db/workflows/import.ts';
import { findPublishedVersion } from '../../db/workflows/list-published.ts';
import { hashedGraph } from '../../engine/runs/known-workflows.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { defaultIdleMs, disposition, endIdle } from '../http/send-content.ts';
import { patience } from '../http/transfer-turns.ts';
import { contentLengthOf, readUpload } from '../http/upload.ts';
import { createImporter } from './archives/import-workflow.ts';
import { archiveOf } from './archives/write-archive.ts';
import type { ServerDependencies } from './deps.ts';
import { workflowParams } from './parameters.ts';

const exportQuerySchema = z.strictObject({
  /** `1`: an archive with the published versions. */
  versions: z.enum(['0', '1']).default('0'),
  /** `1`: an archive with the files that the graphs in it name. */
  media: z.enum(['0', '1']).default('0'),
});

const importQuerySchema = z.strictObject({
  /** `1`: the version that was live is live here, or else the latest one. Default: none is. */
  live: z.enum(['0', '1']).default('0'),
});

/** Each holds a connection to the database while its versions are stored; those of one person wait for each other anyway. */
const importPlaces = { places: 4, maxPerOwner: 1, maxWaitingPerOwner: 20 };

/** Export and import of workflows. They stand before routes that take any word for an id. */
export function archiveRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, assets, now, transfers } = deps;
  const { importFile } = createImporter(deps);
  const imports = createFairPool({ ...importPlaces, busy: tooManyImports });

  async function* versionsOf(scope: Scope, id: number, numbers: readonly number[]): AsyncGenerator<VersionFile> {
    for (const number of numbers) {
      const found = await findPublishedVersion(db, scope, id, number);
      if (found === null) throw workflowNotFound(id);
      const { version, publishedAt, live, data } = found;
      const hash = hashedGraph(id, data).contentHash;
      // Graphs are kept without keys; a note is whatever somebody wrote.
      const note = withoutKeys(found.note);
      yield { heddle: 'workflow-version', format: 1, version, note, publishedAt, live, hash, data };
    }
  }

  /** Files of the workspace that the draft and the given versions name. */
  async function filesOf(scope: Scope, { id, data }: Workflow, numbers: readonly number[]): Promise<AssetRow[]> {
    const ids = new Set(idsIn(JSON.stringify(data)));
    for await (const version of versionsOf(scope, id, numbers)) {
      for (const named of idsIn(JSON.stringify(version.data))) ids.add(named);
    }
    return [...(await listAssetsById(db, scope, [...ids])).values()];
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/export',
      tag: 'Workflows',
      summary: 'A workflow as a file to save; with its versions or files, as a zip archive',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      query: exportQuerySchema,
      endsWithAccess: true,
      audit: { action: 'workflow.export', subject: 'workflow' },
      responses: {
        200: {
          description: 'The file; with `versions` or `media`, an archive (application/zip).',
          schema: workflowFileSchema,
        },
      },
      handler: async ({ scope, params, query, response, signal }) => {
        const workflow = await findWorkflow(db, scope, params.id);
        if (workflow === null) throw workflowNotFound(params.id);
        const { name, data } = workflow;
        const file = { ...data, heddle: 'workflow' as const, format: 1 as const, name };
        if (query.versions === '0' && query.media === '0') {
          return {
            status: 200,
            body: file,
            headers: { 'Content-Disposition': disposition(`${name}.json`, true) },
            audit: { name },
          };
        }
        const leave = await transfers.downloads.enter({ owner: scope.actorId, signal, patience: patience() });
        try {
          const numbers = query.versions === '1' ? await listVersionNumbers(db, params.id) : [];
          const media = query.media === '1' ? await filesOf(scope, workflow, numbers) : [];
          refuseTooMany(numbers.length, media.length);
          const contentOf = (asset: AssetRow) => assets.content(asset).catch(nullIfGone);
          const versions = versionsOf(scope, params.id, numbers);
          const bytes = archiveOf({ workflow: file, versions, media, contentOf, now });
          response.status(200).set({
            'Content-Type': 'application/zip',
            'Content-Disposition': disposition(`${name}.zip`, true),
            'Cache-Control': 'no-store',
            'X-Content-Type-Options': 'nosniff',
          });
          await pipeline(Readable.from(bytes), endIdle(defaultIdleMs), response, { signal }).catch((error: unknown) => {
            if (!response.destroyed) throw error;
          });
        } finally {
          leave();
        }
        return 'sent';
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/import',
      tag: 'Workflows',
      summary: 'Create a workflow from an exported file: JSON, or an archive with versions and files',
      auth: 'user',
      scope: 'write',
      place: { of: 'workspace', role: 'editor' },
      query: importQuerySchema,
      multipart: z.object({ file: binarySchema }),
      endsWithAccess: true,
      responses: { 201: { description: 'The new workflow, with what came along.', schema: importedWorkflowSchema } },
      handler: async ({ scope, query, request, signal }) => {
        const contentLength = contentLengthOf(request);
        const leave = await transfers.uploads.enter({ owner: scope.actorId, signal, patience: patience() });
        // The place is for the bytes on their way: imports that wait for each other keep nobody from sending files.
        const { file, fileName } = await readUpload(
          request,
          async (stream, given) => ({
            file: await assets.stage(stream, { userId: scope.workspaceId, contentLength, signal }),
            fileName: given,
          }),
          (taken) => taken.file.dispose(),
        ).finally(leave);
        try {
          const { path, freeRoom: onChecked } = file;
          const isLive = query.live === '1';
          const body = await imports.run({ owner: scope.actorId, signal }, () =>
            importFile({ scope, path, fileName, isLive, onChecked, signal }),
          );
          return { status: 201, body, headers: { Location: `/api/workflows/${body.id}` } };
        } finally {
          await file.dispose();
        }
      },
    }),
  ];
}

function refuseTooMany(versions: number, files: number): void {
  // The draft and the manifest are entries too.
  if (versions + files + 2 <= maxArchiveEntries) return;
  throw new TerminalError(
    'REQUEST_INVALID',
    `The workflow has ${versions} versions and ${files} files; an archive holds ${maxArchiveEntries} entries. Leave one of the two out.`,
  );
}

function tooManyImports(): RetryableError {
  return new RetryableError('RATE_LIMITED', 'Too many of your imports are under way. Try again in a moment.', {
    retryAfterMs: 5_000,
  });
}

function nullIfGone(error: unknown): null {
  if (error instanceof TerminalError && error.code === 'ASSET_NOT_FOUND') return null;
  throw error;
}
