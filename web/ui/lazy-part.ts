import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

interface EarlyPart {
  /** Fetches the file before it is asked for; a failure shows when it is needed. */
  fetchEarly(): void;
}

/** A part of the app in a file of its own. */
export interface LazyPart<Props> extends EarlyPart {
  readonly Component: LazyExoticComponent<ComponentType<Props>>;
}

/** Loads a component by its name when it is drawn for the first time, or earlier. */
export function lazyPart<Name extends string, Props>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
): LazyPart<Props> {
  return {
    Component: lazy(async () => ({ default: (await load())[name] })),
    fetchEarly: () => void load().catch(() => undefined),
  };
}

/** When the page has shown what it has, in milliseconds: from then on nobody waits for what is fetched ahead. */
const calmMs = 2_000;

/** Fetches parts once the page has come to rest. Returns what calls it off. */
export function fetchWhenCalm(parts: readonly EarlyPart[]): () => void {
  const timer = setTimeout(() => {
    for (const part of parts) part.fetchEarly();
  }, calmMs);
  return () => clearTimeout(timer);
}
