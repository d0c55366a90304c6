import type { ApiClient } from '../api/client.ts';

/**
 * Where to go after signing in. An account without workflows gets two: the
 * starter, opened, which runs with no key, and the marketing kit, whose nodes
 * show which key a language model needs.
 */
export async function openStarter(api: ApiClient): Promise<string> {
  const { items } = await api.listWorkflows({ limit: 1 });
  if (items.length > 0) return '/';
  const [{ instantiate }, { starterTemplate }, { marketingKit }] = await Promise.all([
    import('./instantiate.ts'),
    import('./starter.ts'),
    import('./list.ts'),
  ]);
  await instantiate(api, marketingKit);
  const starter = await instantiate(api, starterTemplate);
  return `/workflows/${starter.id}`;
}
