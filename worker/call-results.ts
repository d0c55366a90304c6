import type pg from 'pg';
import { TerminalError } from '../core/errors/app-error.ts';
import { maxCallResultBytes, maxNodeOutputBytes } from '../core/limits.ts';
import { inputsOf } from '../core/interface/inputs.ts';
import { wrongFormat, wrongValue } from '../core/interface/input-value.ts';
import { outputName } from '../core/interface/outputs.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import { isAssetReference, type NodeInputs, type NodeOutputs, type OutputValue } from '../core/node-type/values.ts';
import { listNodeResults, type NamedPartError } from '../db/regions/list-results.ts';
import type { RegionFacts } from './known-facts.ts';

/** What goes into a call, and what comes of it. */
export interface CallResults {
  /** Throws RUN_INPUT_INVALID where a value is not what the workflow takes. */
  requireFit(facts: RegionFacts, inputs: NodeInputs): void;
  /**
   * The results of the called workflow by name; those that no branch led to are missing.
   *
   * @param keep puts lists into files until the results have so many bytes
   */
  collect(
    facts: RegionFacts,
    keep: (results: NodeOutputs, maxBytes: number) => Promise<NodeOutputs>,
  ): Promise<NodeOutputs>;
  /** Why the call has failed. */
  failed(facts: RegionFacts, errors: readonly NamedPartError[]): TerminalError;
}

interface CallResultsDependencies {
  readonly pool: pg.Pool;
  readonly catalogue: NodeCatalogue;
  readonly ask: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** Checks what goes into a called workflow, and gathers what comes out. Throws RUN_INPUT_INVALID. */
export function createCallResults({ pool, catalogue, ask }: CallResultsDependencies): CallResults {
  return {
    requireFit: ({ structure }, inputs) => {
      for (const input of inputsOf({ nodes: [...structure.nodes.values()] }, catalogue)) {
        if (!Object.hasOwn(inputs, input.name)) continue;
        const value = inputs[input.name]!;
        const wrong = wrongGiven(input, value);
        if (wrong === null) continue;
        throw new TerminalError(
          'RUN_INPUT_INVALID',
          `The input "${input.name}" of the called workflow does not fit. ${wrong}`,
        );
      }
    },
    collect: async ({ driver, structure }, keep) => {
      const names = new Map(
        [...structure.nodes.values()].flatMap((node) => {
          const name = outputName(node);
          return name === null ? [] : [[node.id, name] as const];
        }),
      );
      const { runId, executionId } = driver;
      const found = await ask(() => listNodeResults(pool, { runId, executionId, nodeIds: [...names.keys()] }));
      const results: [string, OutputValue][] = found.flatMap(({ nodeId, outputs }) =>
        Object.hasOwn(outputs, 'output') ? [[names.get(nodeId)!, outputs['output']!]] : [],
      );
      const rest = results.filter(([, value]) => !Array.isArray(value));
      const bytes = Buffer.byteLength(JSON.stringify(rest));
      if (bytes > maxCallResultBytes) {
        throw new TerminalError(
          'NODE_OUTPUT_TOO_LARGE',
          `The results of the called workflow have ${bytes} bytes; the limit is ${maxCallResultBytes}. Give it less to do, or save large results as files.`,
          { details: { bytes, limit: maxCallResultBytes } },
        );
      }
      return keep(Object.fromEntries(results), bytes + maxNodeOutputBytes);
    },
    failed: (_facts, [first]) =>
      new TerminalError(
        'CALL_FAILED',
        first === undefined
          ? 'The called workflow was ended. Run it again: what completed in it is not executed again.'
          : `${first.node}: ${first.message} Run it again: what completed in the called workflow is not executed again.`,
        { details: { code: first?.code ?? null } },
      ),
  };
}

/** Files come as such here, and not by their address. */
function wrongGiven(input: ReturnType<typeof inputsOf>[number], value: OutputValue | OutputValue[]): string | null {
  const files = [value].flat().filter(isAssetReference);
  if (files.length === 0) return wrongValue(input, value);
  for (const file of files) {
    const wrong = wrongFormat(input.settings, file);
    if (wrong !== null) return wrong;
  }
  return null;
}
