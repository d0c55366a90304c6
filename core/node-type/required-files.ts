import type { FileType } from '../data-types/table.ts';
import type { ExecutionContext } from './executor.ts';
import { requireAssetInput } from './inputs.ts';
import type { AssetReference } from './values.ts';

/** A file that has arrived, and where it can be read. */
export interface ArrivedFile {
  readonly asset: AssetReference;
  readonly path: string;
}

/** The file on a handle that has to have one. Throws INPUT_MISSING and TYPE_MISMATCH. */
export async function requiredFile(
  context: Pick<ExecutionContext<unknown>, 'inputs' | 'assets' | 'signal'>,
  handle: string,
  kind: FileType,
): Promise<ArrivedFile> {
  const asset = await requireAssetInput(context, handle, kind);
  return { asset, path: await context.assets.localFile(asset) };
}

/** Tells the share that is done of a piece of work as progress of the node. */
export function tellProgress({ progress }: Pick<ExecutionContext<unknown>, 'progress'>): (share: number) => void {
  return (share) => progress(Math.floor(share * 100));
}
