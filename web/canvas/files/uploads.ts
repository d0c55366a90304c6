import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Asset } from '../../../core/api/assets.ts';
import type { UploadState } from '../../ui/node-editor.ts';

export interface UploadsDeps {
  readonly upload: (
    file: File,
    options: { signal: AbortSignal; onProgress: (fraction: number) => void },
  ) => Promise<Asset>;
  /** The file has arrived: the node can point at it. */
  readonly onDone: (nodeId: string, asset: Asset, cameWith: string | null) => void;
}

export interface Uploads {
  /** Uploads on their way, by node id. */
  readonly state: StoreApi<Readonly<Record<string, UploadState>>>;
  /** Starts an upload; an earlier one to the same node is given up. `cameWith`: a node that was added in the same gesture. */
  begin(nodeId: string, file: File, cameWith?: string): void;
  /** Stops an upload, or puts its error away. */
  cancel(nodeId: string): void;
  stop(): void;
}

/** Uploads at a time: a browser has six connections to a server, and saving needs one. */
const atOnce = 3;

export function createUploads({ upload, onDone }: UploadsDeps): Uploads {
  const state = createStore<Readonly<Record<string, UploadState>>>()(() => ({}));
  const controllers = new Map<string, AbortController>();
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
  const set = (nodeId: string, next: UploadState) => state.setState({ [nodeId]: next });

  function clear(nodeId: string): void {
    const { [nodeId]: _, ...rest } = state.getState();
    state.setState(rest, true);
  }

  function cancel(nodeId: string): void {
    controllers.get(nodeId)?.abort();
    controllers.delete(nodeId);
    clear(nodeId);
  }

  return {
    state,
    cancel,
    stop: () => {
      for (const nodeId of [...controllers.keys()]) cancel(nodeId);
    },
    begin: (nodeId, file, cameWith) => {
      cancel(nodeId);
      const controller = new AbortController();
      controllers.set(nodeId, controller);
      set(nodeId, { name: file.name, fraction: 0, error: null });
      inTurn(async () => {
        controller.signal.throwIfAborted();
        return upload(file, {
          signal: controller.signal,
          onProgress: (fraction) =>
            !controller.signal.aborted && set(nodeId, { name: file.name, fraction, error: null }),
        });
      }).then(
        (asset) => {
          if (controller.signal.aborted) return;
          controllers.delete(nodeId);
          clear(nodeId);
          onDone(nodeId, asset, cameWith ?? null);
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          controllers.delete(nodeId);
          set(nodeId, { name: file.name, fraction: 0, error: error instanceof Error ? error.message : String(error) });
        },
      );
    },
  };
}
