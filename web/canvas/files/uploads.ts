import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Asset } from '../../../core/api/assets.ts';
import type { UploadState } from '../../ui/node-editor.ts';
import { messageOf } from '../../ui/message-of.ts';

/** How a file reaches the server, and who is told when it is there. */
export interface UploadsDeps {
  readonly upload: (
    file: File,
    options: { signal: AbortSignal; onProgress: (fraction: number) => void },
  ) => Promise<Asset>;
  /** The file has arrived: the node can point at it. */
  readonly onDone: (target: UploadTarget, asset: Asset, cameWith: string | null) => void;
}

/** Where a file goes: a node may have several fields for files. */
export interface UploadTarget {
  readonly nodeId: string;
  readonly field: string;
  /** Of a field that holds a list: which upload of this canvas it is, in the order in which files were given. */
  readonly item?: number;
}

/** The key of a target in the state. */
export function uploadKey({ nodeId, field, item }: UploadTarget): string {
  return item === undefined ? `${nodeId}\n${field}` : `${nodeId}\n${field}\n${item}`;
}

/** The uploads of one open canvas. A failed one stays in `state` until it is canceled or replaced. */
export interface Uploads {
  /** Uploads on their way, by uploadKey. */
  readonly state: StoreApi<Readonly<Record<string, UploadState>>>;
  /** Starts an upload; an earlier one to the same field is given up. `cameWith`: a node that was added in the same gesture. */
  begin(target: UploadTarget, file: File, cameWith?: string): void;
  /** Stops an upload, or puts its error away. */
  cancel(target: UploadTarget): void;
  /** Sends a file that failed once more. */
  retry(target: UploadTarget): void;
  /** The same of all that failed. */
  retryAll(): void;
  cancelAll(): void;
  stop(): void;
}

/** Uploads at a time: a browser has six connections to a server, and saving needs one. */
const atOnce = 3;

/** At most three files are sent at a time; the others wait their turn. */
export function createUploads({ upload, onDone }: UploadsDeps): Uploads {
  const state = createStore<Readonly<Record<string, UploadState>>>()(() => ({}));
  const controllers = new Map<string, AbortController>();
  /** What failed, and could be sent once more. */
  const failed = new Map<string, readonly [target: UploadTarget, file: File, cameWith?: string]>();
  const waiting: (() => void)[] = [];
  let running = 0;

  /** Has its turn when fewer are on their way. */
  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }
  const set = (key: string, next: UploadState) => state.setState({ [key]: next });

  function clear(key: string): void {
    const { [key]: _, ...rest } = state.getState();
    state.setState(rest, true);
  }

  function cancel(key: string): void {
    controllers.get(key)?.abort();
    controllers.delete(key);
    failed.delete(key);
    clear(key);
  }
  const cancelAll = () => {
    for (const key of Object.keys(state.getState())) cancel(key);
  };

  function retry(key: string): void {
    const again = failed.get(key);
    if (again !== undefined) begin(...again);
  }

  function begin(target: UploadTarget, file: File, cameWith?: string): void {
    const key = uploadKey(target);
    cancel(key);
    const controller = new AbortController();
    controllers.set(key, controller);
    set(key, { name: file.name, fraction: 0, error: null });
    inTurn(async () => {
      controller.signal.throwIfAborted();
      return upload(file, {
        signal: controller.signal,
        onProgress: (fraction) => !controller.signal.aborted && set(key, { name: file.name, fraction, error: null }),
      });
    }).then(
      (asset) => {
        if (controller.signal.aborted) return;
        controllers.delete(key);
        clear(key);
        onDone(target, asset, cameWith ?? null);
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        controllers.delete(key);
        failed.set(key, cameWith === undefined ? [target, file] : [target, file, cameWith]);
        set(key, { name: file.name, fraction: 0, error: messageOf(error) });
      },
    );
  }

  return {
    state,
    begin,
    cancel: (target) => cancel(uploadKey(target)),
    retry: (target) => retry(uploadKey(target)),
    retryAll: () => {
      for (const key of [...failed.keys()]) retry(key);
    },
    cancelAll,
    stop: cancelAll,
  };
}
