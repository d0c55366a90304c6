import { z } from 'zod';
import type { AssetRow } from '../../assets/asset-rows.ts';
import { assetSchema, assetUrl, type Asset } from '../../core/api/assets.ts';
import { pageOf, pageQuerySchema } from '../../core/api/common.ts';
import { listAssets } from '../../db/queries/assets.ts';
import type { ServerDependencies } from '../deps.ts';
import { decodeCursor, pageBody, timeCursor } from '../http/cursor.ts';
import { doOnce, idempotencyHeader } from '../http/idempotency.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { sendContent } from '../http/send-content.ts';
import { readUpload } from '../http/upload.ts';
import { assetParams } from './parameters.ts';

const assetPageSchema = pageOf(assetSchema).meta({ id: 'AssetPage' });

const listQuerySchema = pageQuerySchema.extend({ kind: z.enum(['image', 'video']).optional() });

const contentQuerySchema = z.strictObject({
  /** `1`: offer it for saving instead of showing it. */
  download: z.enum(['0', '1']).default('0'),
});

const thumbnailQuerySchema = z.strictObject({
  /** Pixels; rounded up to one of a few sizes. */
  width: z.coerce.number().int().min(1).max(4_096).default(320),
});

/** A file of any type: how binary content reads in an OpenAPI document. */
const binarySchema = z.string().meta({ format: 'binary' });

/** A large file over a slow line, with its checks. Uploaded twice it is one asset. */
const abandonedMs = 120_000;

/** Upload, list and serve files. */
export function assetRoutes({ db, assets }: ServerDependencies): AnyRoute[] {
  const cursor = timeCursor('assets');

  return [
    defineRoute({
      method: 'post',
      path: '/api/assets',
      tag: 'Assets',
      summary: 'Upload a picture or video',
      auth: 'user',
      scope: 'write',
      headers: idempotencyHeader,
      multipart: z.object({ file: binarySchema }),
      responses: {
        201: { description: 'The asset. The same file under the same name gives the same asset.', schema: assetSchema },
      },
      handler: async ({ principal, request, signal }) => {
        const { userId } = principal;
        // The content is not known before it is read; its length tells most differences.
        const fingerprint = { route: 'upload', bytes: request.get('Content-Length') ?? null };
        const answer = await doOnce(db, { http: request, userId, fingerprint, signal, abandonedMs }, async () => {
          const row = await readUpload(request, (file, name) => assets.ingest(file, { userId, name, signal }));
          return { status: 201, body: assetOf(row) };
        });
        const { id } = z.object({ id: z.uuid() }).parse(answer.body);
        return { status: answer.status, body: answer.body, headers: { Location: `/api/assets/${id}` } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets',
      tag: 'Assets',
      summary: 'List your files, newest first',
      auth: 'user',
      scope: 'read',
      query: listQuerySchema,
      responses: { 200: { description: 'One page.', schema: assetPageSchema } },
      handler: async ({ principal, query }) => {
        const page = await listAssets(db, {
          userId: principal.userId,
          limit: query.limit,
          after: decodeCursor(cursor, query.cursor),
          kind: query.kind ?? null,
        });
        return { status: 200, body: pageBody(cursor, { items: page.items.map(assetOf), next: page.next }) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id',
      tag: 'Assets',
      summary: 'What is known about a file',
      auth: 'user',
      scope: 'read',
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      responses: { 200: { description: 'The asset.', schema: assetSchema } },
      handler: async ({ principal, params }) => ({
        status: 200,
        body: assetOf(await assets.find(principal.userId, params.id)),
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id/content',
      rate: 'files',
      tag: 'Assets',
      summary: 'The bytes of a file; Range and ETag work',
      auth: 'user',
      scope: 'read',
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      query: contentQuerySchema,
      audit: {
        action: 'asset.export',
        subject: 'asset',
        isWorthIt: (query) => query.download === '1',
      },
      responses: {
        200: { description: 'All of it.', contentType: '*/*', schema: binarySchema },
        206: { description: 'The range.', contentType: '*/*', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ principal, params, query, request, response }) => {
        const asset = await assets.find(principal.userId, params.id);
        const content = await assets.content(asset);
        await sendContent(request, response, { content, name: asset.name, asDownload: query.download === '1' });
        return 'sent';
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/assets/:id/thumbnail',
      rate: 'files',
      tag: 'Assets',
      summary: 'A small picture of an image or video',
      auth: 'user',
      scope: 'read',
      notFound: 'ASSET_NOT_FOUND',
      params: assetParams,
      query: thumbnailQuerySchema,
      responses: {
        200: { description: 'A WebP picture.', contentType: 'image/webp', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ principal, params, query, request, response, signal }) => {
        const asset = await assets.find(principal.userId, params.id);
        const content = await assets.thumbnail(asset, { width: query.width, signal });
        await sendContent(request, response, { content, name: `${asset.name}.webp`, asDownload: false });
        return 'sent';
      },
    }),
  ];
}

function assetOf(row: AssetRow): Asset {
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
    createdAt: row.createdAt.toISOString(),
  };
}
