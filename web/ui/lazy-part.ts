import { createElement, lazy, useState, type ComponentType } from 'react';

interface EarlyPart {
  /** Fetches the file before it is asked for; a failure shows when it is needed. */
  fetchEarly(): void;
}

/** A part of the app in a file of its own. */
export interface LazyPart<Props> extends EarlyPart {
  readonly Component: ComponentType<Props>;
}

/**
 * Loads a component by its name when it is drawn for the first time, or earlier. What is there by then is drawn at once:
 * where React has to wait, however short, it shows nothing else for 300 milliseconds.
 */
export function lazyPart<Name extends string, Props extends object>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
): LazyPart<Props> {
  let loaded: ComponentType<Props> | null = null;
  const fetch = async (): Promise<ComponentType<Props>> => (loaded = (await load())[name]);
  const Late = lazy(async () => ({ default: await fetch() })) as unknown as ComponentType<Props>;
  return {
    Component: function LatePart(props: Props) {
      // The same from one drawing to the next: what came late does not begin anew once it is there.
      const [Shown] = useState(() => loaded ?? Late);
      return createElement(Shown, props);
    },
    fetchEarly: () => void fetch().catch(() => undefined),
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
