import { useSyncExternalStore } from 'react';

/** Narrower than this there is no room to edit a graph; the canvas is for looking then. */
const phoneQuery = '(max-width: 719px)';

let asked: MediaQueryList | null = null;
const askPhone = () => (asked ??= window.matchMedia(phoneQuery));

function subscribe(listener: () => void): () => void {
  const query = askPhone();
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** True below a window width of 720 pixels; the component renders again when that changes. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(subscribe, () => askPhone().matches);
}
