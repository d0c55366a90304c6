import { z } from 'zod';
import { newerFormatProblem } from '../../core/api/workflows.ts';
import { foreignProgram, foreignWords } from './foreign-graph.ts';
import { graphSchema, type Graph } from '../../core/graph/graph.ts';

const namedSchema = z.looseObject({ name: z.string().trim().min(1).max(255).optional(), data: graphSchema.optional() });

/** Reads an exported workflow, a bare graph, or an answer of the API. Throws with words for the user. */
export function parseImport(text: string): { name: string | null; graph: Graph } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('This is not a JSON file. Choose a file exported from Heddle.');
  }
  const newer = newerFormatProblem(value);
  if (newer !== null) throw new Error(newer);
  const program = foreignProgram(value);
  if (program !== null) throw new Error(foreignWords(program));
  const named = namedSchema.safeParse(value);
  const name = named.success ? (named.data.name ?? null) : null;
  // The workflow alone: an id, an owner or a version is the file's own affair.
  const bare = ({ nodes, edges, settings }: Graph) => ({
    name,
    graph: { nodes, edges, ...(settings !== undefined && { settings }) },
  });
  if (named.success && named.data.data !== undefined) return bare(named.data.data);
  const graph = graphSchema.safeParse(value);
  if (!graph.success) throw new Error('The file contains no workflow: it has no nodes or edges.');
  return bare(graph.data);
}
