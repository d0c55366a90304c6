/** Does the work of one user one after another, and that of different users at once. */
export interface UserLanes {
  run<Result>(userId: string, work: () => Promise<Result>): Promise<Result>;
}

/**
 * Starts of one user wait for each other in the database; waiting here instead
 * leaves the connections to everybody else.
 */
export function createUserLanes(): UserLanes {
  const lanes = new Map<string, Promise<unknown>>();
  return {
    run: async (userId, work) => {
      const before = lanes.get(userId) ?? Promise.resolve();
      const result = before.then(work, work);
      lanes.set(userId, result);
      try {
        return await result;
      } finally {
        if (lanes.get(userId) === result) lanes.delete(userId);
      }
    },
  };
}
