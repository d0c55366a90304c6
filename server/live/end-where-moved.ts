import { listOwnersOfWorkflows } from '../../db/workspaces/find-owner.ts';
import type { Queryable } from '../../db/statement.ts';
import type { LiveSocket } from './live-socket.ts';

/** Whoever follows a workflow is in its room, and follows it by this name. */
export function roomOf(workflowId: number): string {
  return `workflow:${workflowId}`;
}

const room = /^workflow:(\d+)$/;

/** Ends connections that follow a workflow in a workspace that it has left: they come back, and are asked who may follow it. */
export async function endWhereMoved(pool: Queryable, sockets: readonly LiveSocket[]): Promise<void> {
  const places = sockets.flatMap((socket) =>
    [...socket.data.followed()].flatMap(([name, workspaceId]) => {
      const id = room.exec(name)?.[1];
      return id === undefined ? [] : [{ socket, id: Number(id), workspaceId }];
    }),
  );
  if (places.length === 0) return;
  const owners = await listOwnersOfWorkflows(pool, [...new Set(places.map(({ id }) => id))]);
  for (const { socket, id, workspaceId } of places) {
    const owner = owners.get(id);
    if (owner !== undefined && owner !== workspaceId) socket.disconnect(true);
  }
}
