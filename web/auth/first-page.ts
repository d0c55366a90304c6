import type { ApiClient } from '../api/client.ts';
import { openStarter } from '../templates/open-starter.ts';

/** Where somebody who has just come in begins: with a starter workflow, or at the list where the role makes none. */
export async function firstPage(api: ApiClient): Promise<string> {
  const { role } = await api.me();
  return role === 'viewer' ? '/' : openStarter(api);
}
