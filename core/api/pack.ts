import { z } from 'zod';
import { graphSchema } from '../graph/graph.ts';
import { versionNumberSchema } from './versions.ts';

const nodeId = z.string().min(1).max(255);

/** Nodes that become a workflow of their own. */
export const packBodySchema = z
  .strictObject({
    /** The graph as it is drawn, saved or not. */
    data: graphSchema,
    /** Frames bring along what is in them. */
    nodeIds: z.array(nodeId).min(1).max(1_000),
    /** What the new workflow is called, and the node that calls it. */
    name: z.string().trim().min(1).max(255),
  })
  .meta({ id: 'PackSelection' });

/** The workflow that was made of them, and the graph that calls it. The draft stays as it was until it is saved. */
export const packedSchema = z
  .object({
    workflowId: z.number().int(),
    version: versionNumberSchema,
    data: graphSchema,
  })
  .meta({ id: 'PackedSelection' });

/** A call that gives way to what it calls. */
export const unpackBodySchema = z
  .strictObject({
    /** The graph as it is drawn, saved or not. */
    data: graphSchema,
    /** The node that calls. */
    nodeId,
  })
  .meta({ id: 'UnpackCall' });

/** The graph without the call. The draft stays as it was until it is saved. */
export const unpackedSchema = z.object({ data: graphSchema }).meta({ id: 'UnpackedCall' });
