import { z } from 'zod';
import type { AssetRow } from '../../assets/asset-rows.ts';
import {
  assetPageSchema,
  assetSchema,
  assetUrl,
  assetUsesSchema,
  binarySchema,
  peaksSchema,
  type Asset,
  type AssetUses,
} from '../../core/api/assets.ts';
import { pageQuerySchema } from '../../core/api/common.ts';
import { fileTypes } from '../../core/data-types/table.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { recordedActor, type InWorkspace } from '../../core/scope.ts';
import { listAssetUsesInRuns, listAssetUsesInWorkflows } from '../../db/assets/list-uses.ts';
import { findAsset } from '../../db/assets/find.ts';
import { listAssets, type ListedAssetRow } from '../../db/assets/list.ts';
import type { ServerDependencies } from './deps.ts';
import { assetCursor, decodeCursor, pageBody } from '../http/cursor.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../http/idempotency.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { patience } from '../http/transfer-turns.ts';
import { contentLengthOf, readUpload } from '../http/upload.ts';
import { assetParams } from './parameters.ts';
import { contentQuerySchema, sendAsset, sendDerived, thumbnailQuerySchema, wantedContent } from './send-asset.ts';

const listQuerySchema = pageQuerySchema.extend({
  kind: z.enum(fileTypes).optional(),
  /** `createdAt`: newest first; `bytes`: largest first. */
  sort: z.enum(['createdAt', 'bytes']).default('createdAt'),
  /** `1`: with the workflows that use each file. */
  uses: z.enum(['0', '1']).default('0'),
});

const deleteQuerySchema = z.strictObject({
  /** `1`: also where workflows use it. */
  force: z.enum(['0', '1']).default('0'),
});

/** A large file over a slow line, with its checks. Uploaded twice it is one asset. */
const abandonedMs = 120_000;

/** Upload, list and serve files. */
export function assetRoutes({ db, pool, assets, once, transfers }: ServerDependencies): AnyRoute[] {
  async function usesOf(scope: InWorkspace, assetId: string): Promise<AssetUses> {
    const { id } = await assets.find(scope, assetId);
    const workflows = await listAssetUsesInWorkflows(pool, scope, [id]);
    return {
      workflows: workflows.map(({ id: workflowId, name }) => ({ id: workflowId, name })),
      runs: await listAssetUsesInRuns(pool, scope, id),
    };
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/assets',
      tag: 'Assets',
      summary: 'Upload an image, video, audio file or document',
      auth: 'user',
      scope: 'write',
      place: { of: 'workspace', role: 'runner' },
      headers: idempotencyHeader,
      multipart: z.object({ file: binarySchema }),
      endsWithAccess: true,
      responses: {
        201: { description: 'The asset. The same file under the same name gives the same asset.', schema: assetSchema },
      },
      handler: async ({ scope, request, signal }) => {
        const contentLength = contentLengthOf(request);
        const leave = await transfers.uploads.enter({ owner: scope.actorId, signal, patience: patience() });
        try {
          const { file, name } = await readUpload(
            request,
            async (stream, given) => ({
              file: await assets.receive(stream, {
                userId: scope.workspaceId,
                uploadedBy: recordedActor(scope),
                name: given,
                contentLength,
                signal,
              }),
              name: given,
            }),
            (taken) => taken.file.dispose(),
          );
          try {
            signal.throwIfAborted();
            // Of one’s own workspace it is as it always was: a request may be repeated after an update.
            const into = recordedActor(scope) === null ? {} : { workspaceId: scope.workspaceId };
            const fingerprint = { route: 'upload', sha256: file.sha256, name, ...into };
            const answer = await once.do(
              { key: idempotencyKeyOf(request), userId: scope.actorId, fingerprint, signal, abandonedMs },
              async () => ({
                status: 201,
                body: assetOf(await file.keep()),
              }),
            );
            const first = assetSchema.parse(answer.body);
            if (answer.replayed && (await findAsset(db, scope, first.id)) === null) {
              // It was deleted since: what came again is kept as what it is, a new file.
              const asset = assetOf(await file.keep());
              return { status: 201, body: asset, headers: { Location: `/api/assets/${asset.id}` } };
            }
            return { status: 201, body: first, headers: { Location: `/api/assets/${first.id}` } };
          } finally {
            await file.dispose();
          }
        } finally {
          leave();
        }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets',
      tag: 'Assets',
      summary: 'List your files, newest or largest first',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      query: listQuerySchema,
      responses: { 200: { description: 'One page.', schema: assetPageSchema } },
      handler: async ({ scope, query }) => {
        const cursor = assetCursor(query.sort);
        const page = await listAssets(db, {
          scope,
          limit: query.limit,
          after: decodeCursor(cursor, query.cursor),
          kind: query.kind ?? null,
          sort: query.sort,
        });
        if (query.uses === '0') {
          return { status: 200, body: pageBody(cursor, { items: page.items.map(listedOf), next: page.next }) };
        }
        const ids = page.items.map(({ id }) => id);
        const uses = ids.length === 0 ? [] : await listAssetUsesInWorkflows(pool, scope, ids);
        const items = page.items.map((row) => ({
          ...listedOf(row),
          usedBy: uses.filter(({ assetId }) => assetId === row.id).map(({ id, name }) => ({ id, name })),
        }));
        return { status: 200, body: pageBody(cursor, { items, next: page.next }) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id',
      tag: 'Assets',
      summary: 'What is known about a file',
      auth: 'user',
      scope: 'read',
      place: { of: 'asset', role: 'viewer' },
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      responses: { 200: { description: 'The asset.', schema: assetSchema } },
      handler: async ({ scope, params }) => ({
        status: 200,
        body: assetOf(await assets.find(scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id/uses',
      tag: 'Assets',
      summary: 'What uses a file: what to know before deleting it',
      auth: 'user',
      scope: 'read',
      place: { of: 'asset', role: 'viewer' },
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      responses: { 200: { description: 'Up to 200 of each.', schema: assetUsesSchema } },
      handler: async ({ scope, params }) => ({ status: 200, body: await usesOf(scope, params.id) }),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/assets/:id',
      tag: 'Assets',
      summary: 'Delete a file; 409 ASSET_IN_USE lists what uses it',
      auth: 'user',
      scope: 'write',
      place: { of: 'asset', role: 'editor' },
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      query: deleteQuerySchema,
      audit: { action: 'asset.delete', subject: 'asset' },
      responses: { 204: { description: 'It is gone, and its content where nobody else has it.' } },
      handler: async ({ scope, params, query }) => {
        refuseInUse(await usesOf(scope, params.id), query.force === '1');
        const [gone] = await assets.remove(scope, [params.id]);
        if (gone === undefined)
          throw new TerminalError(
            'ASSET_NOT_FOUND',
            `There is no asset ${params.id}. Upload it, or choose another under Settings, Files.`,
          );
        return { status: 204, audit: { name: gone.name, details: { bytes: gone.bytes, sha256: gone.sha256 } } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id/content',
      rate: 'files',
      tag: 'Assets',
      summary: 'The bytes of a file; Range and ETag work',
      auth: 'user',
      scope: 'read',
      place: { of: 'asset', role: 'viewer' },
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      query: contentQuerySchema,
      endsWithAccess: true,
      audit: {
        action: 'asset.export',
        subject: 'asset',
        isWorthIt: (query, { request, response }) =>
          query.download === '1' && request.method !== 'HEAD' && response.statusCode !== 304,
        // A player, and a download that goes on, ask for the rest in pieces.
        isFurther: ({ response }) => /^bytes (?!0-)/.test(String(response.getHeader('Content-Range') ?? '')),
      },
      responses: {
        200: { description: 'All of it.', contentType: '*/*', schema: binarySchema },
        206: { description: 'The range.', contentType: '*/*', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ scope, params, query, request, response, signal }) => {
        const asset = await assets.find(scope, params.id);
        const content = await wantedContent(assets, asset, query, { signal });
        const sending = { request, response, signal, transfers, owner: scope.actorId };
        return sendAsset(sending, asset, { content, isDownload: query.download === '1' });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id/thumbnail',
      rate: 'files',
      tag: 'Assets',
      summary: 'A preview of an image or video',
      auth: 'user',
      scope: 'read',
      place: { of: 'asset', role: 'viewer' },
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      query: thumbnailQuerySchema,
      endsWithAccess: true,
      responses: {
        200: { description: 'A WebP image.', contentType: 'image/webp', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ scope, params, query, request, response, signal }) => {
        const asset = await assets.find(scope, params.id);
        const content = await assets.thumbnail(asset, { width: query.width, signal });
        const sending = { request, response, signal, transfers, owner: scope.actorId };
        return sendDerived(sending, { name: asset.name, ending: 'webp', content });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id/peaks',
      rate: 'files',
      tag: 'Assets',
      summary: 'How loud an audio file is, for its waveform',
      auth: 'user',
      scope: 'read',
      place: { of: 'asset', role: 'viewer' },
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      responses: {
        200: { description: 'A few hundred numbers.', contentType: 'application/json', schema: peaksSchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ scope, params, request, response, signal }) => {
        const asset = await assets.find(scope, params.id);
        const content = await assets.peaks(asset, { signal });
        const sending = { request, response, signal, transfers, owner: scope.actorId };
        return sendDerived(sending, { name: asset.name, ending: 'peaks.json', content });
      },
    }),
  ];
}

/** Runs under way keep their files; workflows only where their owner does not say otherwise. */
function refuseInUse({ workflows, runs }: AssetUses, isForced: boolean): void {
  if (runs.length > 0) {
    throw new TerminalError(
      'ASSET_IN_USE',
      `${runs.length === 1 ? 'A run that is under way uses' : `${runs.length} runs that are under way use`} this file. Wait for them to end, or cancel them.`,
      { details: { workflows, runs } },
    );
  }
  if (workflows.length === 0 || isForced) return;
  const names = workflows
    .slice(0, 3)
    .map(({ name }) => `"${name}"`)
    .join(', ');
  throw new TerminalError(
    'ASSET_IN_USE',
    `This file is used by ${names}${workflows.length > 3 ? ` and ${workflows.length - 3} more` : ''}. Delete it with force=1 if they may go without it.`,
    { details: { workflows, runs } },
  );
}

/** A file as the API tells of it. */
export function assetOf(row: AssetRow): Asset {
  return {
    id: row.id,
    url: assetUrl(row.id),
    name: row.name,
    mimeType: row.mimeType,
    bytes: row.bytes,
    sha256: row.sha256,
    ...(row.width === null ? {} : { width: row.width }),
    ...(row.height === null ? {} : { height: row.height }),
    ...(row.durationMs === null ? {} : { durationMs: row.durationMs }),
    ...(row.channels === null ? {} : { channels: row.channels }),
    ...(row.sampleRate === null ? {} : { sampleRate: row.sampleRate }),
    createdAt: row.createdAt.toISOString(),
  };
}

const listedOf = (row: ListedAssetRow) => ({ ...assetOf(row), uploadedBy: row.uploadedBy });
