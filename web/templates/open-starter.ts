import type { ApiClient } from '../api/client.ts';

/**
 * Where to go after signing in. A workflow that stands alone and never ran is
 * the starter: it is opened. An account without workflows first gets the
 * starter, which runs with no key, and the marketing kit, whose nodes show
 * which key a language model needs.
 */
export async function openStarter(api: ApiClient): Promise<string> {
  const { items } = await api.listWorkflows({ limit: 2 });
  const [only, another] = items;
  if (only !== undefined) return another === undefined && only.lastRun === undefined ? `/workflows/${only.id}` : '/';
  const [{ instantiate }, { starterTemplate }, { marketingKit }] = await Promise.all([
    import('./instantiate.ts'),
    import('./starter.ts'),
    import('./list.ts'),
  ]);
  await instantiate(api, marketingKit);
  const starter = await instantiate(api, starterTemplate);
  return `/workflows/${starter.id}`;
}
