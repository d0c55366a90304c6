import type { Request, Response } from 'express';
import { z } from 'zod';
import type { AssetRow } from '../../assets/asset-rows.ts';
import type { AssetService } from '../../assets/asset-service.ts';
import type { AssetContent } from '../../assets/asset-store.ts';
import { fileTypeOf } from '../../core/data-types/files.ts';
import { traitsOf } from '../../core/data-types/table.ts';
import { sendContent } from '../http/send-content.ts';
import { patience, type TransferOwner, type TransferTurns } from '../http/transfer-turns.ts';

/** The query of a route that sends a file. */
export const contentQuerySchema = z.strictObject({
  /** `1`: offer it for saving instead of showing it. */
  download: z.enum(['0', '1']).default('0'),
  /** `1`: an audio file as MP3, for a browser that does not play its format. Other files are sent as they are. */
  playable: z.enum(['0', '1']).default('0'),
});

/** What a route sends that has this query. `turnOf`: in whose turns it is converted; default: the asset's owner. */
export function wantedContent(
  assets: Pick<AssetService, 'content' | 'playable'>,
  asset: AssetRow,
  { playable }: z.output<typeof contentQuerySchema>,
  options: { readonly signal: AbortSignal; readonly turnOf?: string },
): Promise<AssetContent> {
  return playable === '1' ? assets.playable(asset, options) : assets.content(asset);
}

/** The query of a route that sends a preview. */
export const thumbnailQuerySchema = z.strictObject({
  /** Pixels; rounded up to one of a few sizes. */
  width: z.coerce.number().int().min(1).max(4_096).default(320),
});

/** What a file is sent with, whoever asks for it. */
export interface Sending {
  readonly request: Request;
  readonly response: Response;
  /** Ends it in the middle. */
  readonly signal: AbortSignal;
  readonly transfers: TransferTurns;
  /** Whose transfers are counted together. */
  readonly owner: TransferOwner;
}

/** Sends a file. What a browser may not show is offered for saving, whatever was asked for. */
export async function sendAsset(
  { request, response, signal, transfers, owner }: Sending,
  { name, mimeType }: { readonly name: string; readonly mimeType: string },
  { content, isDownload }: { readonly content: AssetContent; readonly isDownload: boolean },
): Promise<'sent'> {
  const type = fileTypeOf(mimeType);
  const asDownload = isDownload || type === null || traitsOf(type).served === 'attachment';
  const begin = () => transfers.downloads.enter({ owner, signal, patience: patience() });
  await sendContent(request, response, { content, name, asDownload, begin, signal });
  return 'sent';
}

/** Sends what was made of a file to look at it, under its name with an ending of its own, such as `webp`. */
export async function sendDerived(
  { request, response, signal, transfers, owner }: Sending,
  { name, ending, content }: { readonly name: string; readonly ending: string; readonly content: AssetContent },
): Promise<'sent'> {
  const begin = () => transfers.downloads.enter({ owner, signal, patience: patience() });
  await sendContent(request, response, { content, name: `${name}.${ending}`, asDownload: false, begin, signal });
  return 'sent';
}
