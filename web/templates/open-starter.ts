import type { ApiClient } from '../api/client.ts';

/** Where to go after signing in: an account without workflows gets the starter workflow, opened. */
export async function openStarter(api: ApiClient): Promise<string> {
  const { items } = await api.listWorkflows({ limit: 1 });
  if (items.length > 0) return '/';
  const [{ instantiate }, { starterTemplate }] = await Promise.all([
    import('./instantiate.ts'),
    import('./starter.ts'),
  ]);
  const created = await instantiate(api, starterTemplate);
  return `/workflows/${created.id}`;
}
