import { z } from 'zod';
import { pageOf, timestampSchema } from './common.ts';

/** A stored file as the API tells of it; the bytes are at `url`. */
export const assetSchema = z
  .object({
    id: z.uuid(),
    /** Path of the content on this server. */
    url: z.string(),
    name: z.string(),
    mimeType: z.string(),
    bytes: z.number().int().nonnegative(),
    sha256: z.string(),
    width: z.number().int().optional(),
    height: z.number().int().optional(),
    durationMs: z.number().optional(),
    channels: z.number().int().optional(),
    sampleRate: z.number().int().optional(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Asset' });
export type Asset = z.infer<typeof assetSchema>;

/** How loud an audio file is, for a drawing of it: the loudest moment in each of many stretches of equal length, 0-255. */
export const peaksSchema = z.object({ peaks: z.array(z.number().int().min(0).max(255)) }).meta({ id: 'Peaks' });
export type Peaks = z.infer<typeof peaksSchema>;

/** What uses a file: workflows whose graph names it, and runs under way. */
export const assetUsesSchema = z
  .object({
    workflows: z.array(z.object({ id: z.number().int(), name: z.string() })),
    runs: z.array(z.object({ id: z.uuid(), workflowId: z.number().int() })),
  })
  .meta({ id: 'AssetUses' });
export type AssetUses = z.infer<typeof assetUsesSchema>;

/** A file in the list of files; `usedBy` only where it was asked for. */
export const listedAssetSchema = assetSchema
  .extend({
    /** The member of the workspace who uploaded it: an e-mail address, or the name of a program. Null: the owner, or a node made it. */
    uploadedBy: z.string().nullable().default(null),
    usedBy: assetUsesSchema.shape.workflows.optional(),
  })
  .meta({ id: 'ListedAsset' });
export type ListedAsset = z.infer<typeof listedAssetSchema>;

/** Newest or largest first. */
export const assetPageSchema = pageOf(listedAssetSchema).meta({ id: 'AssetPage' });

/** The bytes of a file: how binary content reads in an OpenAPI document. */
export const binarySchema = z.string().meta({ format: 'binary' });

/** The content path of an asset; the form that nodes, rows and events carry. */
export function assetUrl(assetId: string): string {
  return `/api/assets/${assetId}/content`;
}

const assetUrlPattern = /^\/api\/assets\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/content$/;

/** The asset id in a content path, or null where the text is not one. */
export function assetIdOf(url: string): string | null {
  return assetUrlPattern.exec(url)?.[1] ?? null;
}

/**
 * The path of an upright preview, in sRGB, of at most `width` pixels. Browsers
 * turn and cut some images otherwise than Heddle does (EXIF in WebP, clean apertures of AVIF).
 */
export function thumbnailUrl(assetId: string, width: number): string {
  return `/api/assets/${assetId}/thumbnail?width=${width}`;
}

/** The path of the peaks of an audio file. */
export function peaksUrl(assetId: string): string {
  return `/api/assets/${assetId}/peaks`;
}
