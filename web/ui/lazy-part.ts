import { createElement, useLayoutEffect, useState, type ComponentType, type ReactNode } from 'react';

interface EarlyPart {
  /** Fetches the file before it is asked for; a failure shows when it is needed. */
  fetchEarly(): void;
}

/** A part of the app in a file of its own. */
export interface LazyPart<Props> extends EarlyPart {
  readonly Component: ComponentType<Props>;
  /** For the button that opens it: fetches the file when somebody comes near. */
  readonly whenNear: { readonly onPointerEnter: () => void; readonly onFocus: () => void };
}

/**
 * Loads a component by its name when it is drawn for the first time, or earlier; what is there by then is drawn at once.
 * `meanwhile` is drawn until it is there; default: nothing. A file that cannot be had is thrown while drawing, and asked
 * for again when the part is drawn anew.
 *
 * The part keeps no `Suspense` waiting: React puts off for 300 milliseconds what takes the place of a fallback.
 */
export function lazyPart<Name extends string, Props extends object>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
  meanwhile?: (props: Props) => ReactNode,
): LazyPart<Props> {
  let loaded: ComponentType<Props> | null = null;
  const fetch = async (): Promise<ComponentType<Props>> => (loaded ??= (await load())[name]);
  const fetchEarly = () => void fetch().catch(() => undefined);
  return {
    Component: function LatePart(props: Props) {
      const [Shown, setShown] = useState(() => loaded);
      const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null);
      useLayoutEffect(() => {
        if (Shown !== null) return undefined;
        let isWanted = true;
        fetch().then(
          (Part) => isWanted && setShown(() => Part),
          (error: unknown) => isWanted && setFailure({ error }),
        );
        return () => {
          isWanted = false;
        };
      }, [Shown]);
      if (failure !== null) throw failure.error;
      return Shown === null ? meanwhile?.(props) : createElement(Shown, props);
    },
    fetchEarly,
    whenNear: { onPointerEnter: fetchEarly, onFocus: fetchEarly },
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
