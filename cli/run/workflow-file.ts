import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { newerFormatProblem } from '../../core/api/workflows.ts';
import { graphSchema, type Graph } from '../../core/graph/graph.ts';

/** What a file of a workflow holds. */
export interface WorkflowFile {
  readonly name: string;
  readonly data: Graph;
}

const exportSchema = z.object({ name: z.string().optional(), data: graphSchema });

/** Whether what is to be run is meant as a file rather than as the name of a published workflow. */
export function isWorkflowFile(workflow: string): boolean {
  return !/^[a-z0-9-]+$/.test(workflow) || existsSync(workflow);
}

/** Reads a graph, or an export `{ name, data }` of the app. Throws REQUEST_INVALID with what is wrong where. */
export async function readWorkflowFile(path: string): Promise<WorkflowFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TerminalError('REQUEST_INVALID', `${path} cannot be read.`, { cause });
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new TerminalError('REQUEST_INVALID', `${path} is not JSON: ${String(cause)}`, { cause });
  }
  const newer = newerFormatProblem(content);
  if (newer !== null) throw new TerminalError('REQUEST_INVALID', newer);
  const fallback = basename(path, extname(path));
  const isExport = typeof content === 'object' && content !== null && 'data' in content;
  const parsed = isExport
    ? exportSchema.safeParse(content)
    : graphSchema.transform((data) => ({ name: undefined, data })).safeParse(content);
  if (parsed.success) return { name: parsed.data.name ?? fallback, data: parsed.data.data };
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new TerminalError('REQUEST_INVALID', `${path} is not a workflow:\n${problems.join('\n')}`);
}
