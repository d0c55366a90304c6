import { z } from 'zod';
import { callContractSchema, callNodeType } from '../../../core/graph/call-contract.ts';
import { defineNode } from '../../../core/node-type/definition.ts';
import { handlesOfCall } from './handles.ts';

/**
 * Runs another workflow within the run: its inputs and results are the handles. Which version that is stands still when a
 * run is planned. It completes with the results; one that no branch of the workflow led to is missing.
 */
export const callWorkflowNode = defineNode({
  type: callNodeType,
  version: 1,
  title: 'Call workflow',
  description: 'Runs another workflow of yours and goes on with its results.',
  category: 'flow',
  keywords: ['subworkflow', 'function', 'reuse', 'nested', 'component', 'block', 'macro'],
  icon: 'box',
  inputs: [],
  outputs: [],
  handles: handlesOfCall,
  configSchema: z.object({
    label: z.string().max(255).optional(),
    workflowId: z
      .number()
      .int()
      .min(1)
      .nullish()
      .meta({ title: 'Workflow', description: 'One of yours that is published', control: 'number' }),
    version: z
      .union([z.number().int().min(1), z.literal('live')])
      .default('live')
      .meta({ title: 'Version', description: 'A number, or what is live when a run begins', control: 'text' }),
    /** What that version takes and gives. The canvas keeps it, and a run pins it anew. */
    contract: callContractSchema.nullish().meta({ title: 'Inputs and results', control: 'json' }),
    /** Where a run keeps the graph of the version. */
    graph: z.string().max(64).nullish().meta({ title: 'Pinned graph', control: 'text' }),
  }),
  defaults: { label: 'Call workflow', version: 'live' },
  look: { height: 92 },
  branches: true,
  costClass: () => 'inline',
  isDeterministic: () => false,
  calls: ({ workflowId, version, graph }) =>
    workflowId == null ? null : { workflowId, version, graph: graph ?? null },
  check: ({ workflowId }) =>
    workflowId == null ? [{ field: 'workflowId', message: 'Choose the workflow to call.' }] : [],
});
