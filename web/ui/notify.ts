/** A message in the corner of the page. */
export interface ToastOptions {
  title: string;
  description?: string;
  kind?: 'info' | 'success' | 'error';
  action?: { label: string; onSelect(): void };
  /** Milliseconds on screen; 0 keeps it until closed. Default 5000, errors 9000. */
  timeoutMs?: number;
}

/** Works before there is a place for toasts: they wait until then. */
export type Notify = (options: ToastOptions) => void;

/** A way to show toasts that works outside of components, and before there is a place for them. */
export interface Notifier {
  readonly notify: Notify;
  /** Tells `listener` at the first toast that nobody shows yet; returns what ends that. */
  onWaiting(listener: () => void): () => void;
  /** From now on `show` gets every toast, those that wait first; returns what ends that. */
  showBy(show: Notify): () => void;
}

/** One for the whole page. Toasts wait, in order, until `showBy` is called. */
export function createNotifier(): Notifier {
  let waiting: ToastOptions[] = [];
  let show: Notify | null = null;
  let onWaiting: (() => void) | null = null;
  return {
    notify: (options) => {
      if (show !== null) return show(options);
      waiting.push(options);
      onWaiting?.();
    },
    onWaiting: (listener) => {
      onWaiting = listener;
      if (waiting.length > 0) listener();
      return () => (onWaiting = null);
    },
    showBy: (next) => {
      show = next;
      for (const options of waiting) next(options);
      waiting = [];
      return () => (show = null);
    },
  };
}
