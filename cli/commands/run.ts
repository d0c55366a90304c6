import { randomUUID } from 'node:crypto';
import type { CliConfig } from '../config.ts';
import { createApiClient, type ApiClient } from '../run/api-client.ts';
import { elementsIn, type AskedElements } from '../run/elements.ts';
import { checkInputs, prepareInputs } from '../run/inputs.ts';
import { startOwnStack } from '../run/own-stack.ts';
import { followRun, interruptedCode } from '../run/follow-run.ts';
import { saveOutputs } from '../run/save-outputs.ts';
import { readWorkflowFile, type WorkflowFile } from '../run/workflow-file.ts';
import { listenForStop } from '../stop-signals.ts';

interface RunOptions {
  readonly config: CliConfig;
  readonly file: string;
  /** Each `name=value` of an input of the workflow, `node=value` or `node.field=value`. */
  readonly inputs: readonly string[];
  /** Undefined: a stack of its own, for this run only. */
  readonly server: string | undefined;
  readonly apiKey: string | undefined;
  /** The id of the workspace to work in; default: that of the key. */
  readonly workspace?: string | undefined;
  /** Folder for the outputs; made when missing. */
  readonly out: string;
  readonly useCache: boolean;
  /** Some elements of a list alone. Default: all of every list. */
  readonly elements?: AskedElements | undefined;
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

/**
 * `heddle run`: runs a workflow file and saves its outputs. Returns 0 when the
 * run completed, 1 when it failed, 130 when it was interrupted and cancelled.
 */
export async function runWorkflow(options: RunOptions): Promise<number> {
  const workflow = await readWorkflowFile(options.file);
  checkInputs(workflow.data, options.inputs);
  // What is wrong with them is told before anything starts.
  if (options.elements !== undefined) elementsIn(workflow.data, options.elements);
  const interrupted = new AbortController();
  const signals = listenForStop(() => process.exit(interruptedCode));
  void signals.first.then(() => interrupted.abort());
  try {
    if (options.server !== undefined) {
      return await runOn(
        createApiClient({ server: options.server, apiKey: options.apiKey, workspace: options.workspace }),
        workflow,
        options,
        interrupted.signal,
      );
    }
    options.say('starting a stack for this run ...');
    const stack = await startOwnStack(options.config, options.say);
    try {
      return await runOn(createApiClient(stack), workflow, options, interrupted.signal);
    } finally {
      await stack.dispose();
    }
  } finally {
    signals.dispose();
  }
}

async function runOn(
  api: ApiClient,
  workflow: WorkflowFile,
  options: RunOptions,
  interrupted: AbortSignal,
): Promise<number> {
  if (interrupted.aborted) return interruptedCode;
  const { data, inputs } = await prepareInputs(workflow.data, options.inputs, (path) => api.upload(path));
  const { id: workflowId } = await api.createWorkflow(workflow.name, data);
  const elements = options.elements === undefined ? undefined : elementsIn(data, options.elements);
  const { id: runId } = await api.startRun(workflowId, randomUUID(), { useCache: options.useCache, inputs, elements });
  return followRun(api, runId, {
    ...options,
    interrupted,
    save: (run) => saveOutputs(data, run.nodeExecutions, options.out, (path) => api.download(path)),
  });
}
