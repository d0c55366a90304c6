/** So many of something for each key, counted from the moment at which a place is asked for. */
export interface Places {
  /** Takes a place; null where all are taken. Calling what comes back gives it up, once. */
  take(key: string): (() => void) | null;
}

/** At most `most` for each key, of one process. */
export function createPlaces(most: number): Places {
  const taken = new Map<string, number>();
  return {
    take: (key) => {
      const count = taken.get(key) ?? 0;
      if (count >= most) return null;
      taken.set(key, count + 1);
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        const left = (taken.get(key) ?? 1) - 1;
        if (left === 0) taken.delete(key);
        else taken.set(key, left);
      };
    },
  };
}
