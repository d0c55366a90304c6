import { starterTemplate } from '../../core/templates/starter.ts';
import type { ApiClient } from '../api/client.ts';

/** A new account has the starter and the marketing kit; with more the person has made something of their own. */
const workflowsOfNewAccount = 2;

/**
 * Where to go after signing in: to the starter while it waits to be run for the
 * first time, else to the list. An account without workflows first gets the
 * starter, which runs with no key, and the marketing kit, whose nodes show
 * which key a language model needs.
 */
export async function openStarter(api: ApiClient): Promise<string> {
  const { items } = await api.listWorkflows({ limit: workflowsOfNewAccount + 1 });
  if (items.length > 0) {
    const starter = items.find((item) => item.name === starterTemplate.title);
    const isNew = items.length <= workflowsOfNewAccount && items.every((item) => item.lastRun === undefined);
    return starter !== undefined && isNew ? `/workflows/${starter.id}` : '/';
  }
  const [{ instantiate }, { marketingKit }] = await Promise.all([
    import('./instantiate.ts'),
    import('../../core/templates/marketing-kit.ts'),
  ]);
  await instantiate(api, marketingKit);
  const starter = await instantiate(api, starterTemplate);
  return `/workflows/${starter.id}`;
}
