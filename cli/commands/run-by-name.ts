import { randomUUID } from 'node:crypto';
import { createApiClient } from '../run/api-client.ts';
import { followRun } from '../run/follow-run.ts';
import { namedInputs } from '../run/named-inputs.ts';
import { saveResults } from '../run/save-outputs.ts';
import { listenForStop } from '../stop-signals.ts';
import { interruptedCode } from '../run/follow-run.ts';

interface RunByNameOptions {
  readonly slug: string;
  /** Undefined: that which is live. */
  readonly version: number | undefined;
  /** Each `name=value`. */
  readonly inputs: readonly string[];
  readonly server: string;
  readonly apiKey: string | undefined;
  /** The id of the workspace to work in; default: that of the key. */
  readonly workspace?: string | undefined;
  /** Folder for the results; made when missing. */
  readonly out: string;
  readonly useCache: boolean;
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

/** `heddle run <slug>`: runs a published workflow on a server and saves its results by name. Codes as `runWorkflow`. */
export async function runByName(options: RunByNameOptions): Promise<number> {
  const { slug, version, out } = options;
  const api = createApiClient(options);
  const interrupted = new AbortController();
  const signals = listenForStop(() => process.exit(interruptedCode));
  void signals.first.then(() => interrupted.abort());
  try {
    const workflow = await api.readNamed(slug, version);
    const inputs = await namedInputs(workflow, options.inputs, (path) => api.upload(path));
    const asked = { useCache: options.useCache, inputs, version };
    const { id } = await api.startByName(slug, randomUUID(), asked);
    return await followRun(api, id, {
      ...options,
      interrupted: interrupted.signal,
      save: (run) => saveResults(run.outputs, out, (path) => api.download(path)),
    });
  } finally {
    signals.dispose();
  }
}
