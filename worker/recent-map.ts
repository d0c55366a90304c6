/**
 * Remembers what was set within the last `keepMs`, and nothing for longer than
 * twice that: two maps take turns, and the older one is dropped whole. So what
 * a process holds follows from what it does now, not from all that it ever did.
 */
export interface RecentMap<Value> {
  get(key: string): Value | undefined;
  /** @param weight what the value counts against `maxWeight`; default 1 */
  set(key: string, value: Value, weight?: number): void;
}

interface RecentMapOptions {
  readonly keepMs: number;
  /** Sooner, where so much came together. */
  readonly maxWeight: number;
  readonly now: () => number;
}

/** Empty. `keepMs` are milliseconds of `now`. */
export function createRecentMap<Value>({ keepMs, maxWeight, now }: RecentMapOptions): RecentMap<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  let youngSince = now();
  let youngWeight = 0;

  function turn(): void {
    const age = now() - youngSince;
    if (age < keepMs && youngWeight < maxWeight / 2) return;
    old = age < keepMs * 2 ? young : new Map();
    young = new Map();
    youngSince = now();
    youngWeight = 0;
  }

  return {
    get: (key) => {
      turn();
      return young.get(key) ?? old.get(key);
    },
    set: (key, value, weight = 1) => {
      turn();
      young.set(key, value);
      youngWeight += weight;
    },
  };
}
