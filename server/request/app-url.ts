import type { Request } from 'express';
import { basePathOf, type BasePathSettings } from './base-path.ts';

/** How whoever sent this request reaches the app: PUBLIC_URL, or else the name that they used themselves. */
export function appUrlOf(request: Request, settings: BasePathSettings & { readonly publicUrl: string | null }): string {
  return settings.publicUrl ?? `${request.protocol}://${request.host}${basePathOf(request, settings)}`;
}
