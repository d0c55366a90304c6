import { createApiClient, type ApiClientOptions } from '../run/api-client.ts';

/** `heddle workspaces`: lists the workspaces of a person or program: id, role and name. */
export async function listWorkspaces(
  options: Pick<ApiClientOptions, 'server' | 'apiKey'> & { readonly print: (text: string) => void },
): Promise<void> {
  const workspaces = await createApiClient(options).listWorkspaces();
  const width = Math.max(...workspaces.map(({ id }) => id.length), 0);
  for (const { id, name, kind, role, deletedAt } of workspaces) {
    if (deletedAt === null)
      options.print(`${id.padEnd(width)}  ${role.padEnd(6)}  ${kind === 'personal' ? 'Personal' : name}`);
  }
}
