/** What one connection follows, by name. */
export interface Following {
  /**
   * Keeps a place for something from the moment at which it is asked for. Null
   * where all places are taken; calling what comes back gives it up, unless it is
   * followed by then.
   */
  claim(name: string): (() => void) | null;
  /** Follows a thing of a workspace, instead of what was followed under the name; `stop` ends that. */
  follow(name: string, workspaceId: string, stop: () => void): void;
  unfollow(name: string): void;
  /** What is followed, by name, with the workspace that it is of. */
  followed(): ReadonlyMap<string, string>;
  /** Ends everything. */
  end(): void;
}

const pending = () => {};

/** What a connection follows that has just come: nothing. `most`: its places. */
export function createFollowing(most: number): Following {
  const stops = new Map<string, () => void>();
  const workspaces = new Map<string, string>();

  function unfollow(name: string): void {
    stops.get(name)?.();
    stops.delete(name);
    workspaces.delete(name);
  }

  return {
    claim: (name) => {
      if (stops.has(name)) return pending;
      if (stops.size >= most) return null;
      stops.set(name, pending);
      return () => {
        if (stops.get(name) === pending) stops.delete(name);
      };
    },
    follow: (name, workspaceId, stop) => {
      unfollow(name);
      stops.set(name, stop);
      workspaces.set(name, workspaceId);
    },
    unfollow,
    followed: () => workspaces,
    end: () => {
      for (const name of [...stops.keys()]) unfollow(name);
    },
  };
}
