import { z } from 'zod';
import {
  archivedVersion,
  archivedWorkflow,
  archiveManifest,
  archiveManifestSchema,
  versionFileSchema,
  type ArchiveManifest,
} from '../../../core/api/workflow-archive.ts';
import { newerFormatProblem } from '../../../core/api/workflows.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { graphSchema, type Graph } from '../../../core/graph/graph.ts';
import { hashedGraph } from '../../../engine/runs/known-workflows.ts';
import { batchJsonLimits } from '../../limits/limits.ts';
import { parsedEntry, refused, type Archive } from './read-archive.ts';

/*
 * What the entries of an archive say. Everything here throws UPLOAD_INVALID with the entry and what is wrong in it.
 */

/** A workflow as it is imported. */
export interface NamedGraph {
  readonly name: string;
  readonly graph: Graph;
}

/** A version as it is imported. */
export interface ArchivedVersion extends Pick<z.output<typeof versionFileSchema>, 'note' | 'publishedAt' | 'live'> {
  readonly graph: Graph;
}

const nothing: ArchiveManifest = { heddle: 'workflow-archive', format: 1, versions: [], media: [] };
const namedSchema = z.looseObject({ name: z.string().trim().min(1).max(255).optional(), data: z.unknown().optional() });

/** What an archive says is in it; nothing where it has no manifest. */
export async function readManifest(archive: Archive): Promise<ArchiveManifest> {
  if (!archive.has(archiveManifest)) return nothing;
  const loose = await archive.json(archiveManifest, z.unknown(), batchJsonLimits);
  refuseNewer(archiveManifest, loose);
  return parsedEntry(archiveManifest, loose, archiveManifestSchema);
}

/** The draft of an archive. */
export async function readDraft(archive: Archive, fileName: string): Promise<NamedGraph> {
  return workflowOf(archivedWorkflow, await archive.json(archivedWorkflow, z.unknown()), fileName);
}

/** A published version of an archive; its graph is the one that its hash was made of. */
export async function readVersion(archive: Archive, number: number): Promise<ArchivedVersion> {
  const entry = archivedVersion(number);
  const { version, data, hash, ...about } = await archive.json(entry, versionFileSchema);
  if (version !== number) throw refused(entry, `is version ${version}`);
  const graph = graphOf(entry, data);
  if (hashedGraph(0, data as Graph).contentHash !== hash) throw refused(entry, 'was changed: its hash is another one');
  return { ...about, graph };
}

/** An exported workflow, an answer of the API, or a bare graph. `fileName`: names what has no name of its own. */
export function workflowOf(entry: string, value: unknown, fileName: string): NamedGraph {
  refuseNewer(entry, value);
  const named = namedSchema.safeParse(value);
  const inner = named.success ? named.data.data : undefined;
  const fallback = fileName
    .replace(/\.(?:json|zip)$/i, '')
    .trim()
    .slice(0, 255);
  return {
    name: (named.success ? named.data.name : undefined) ?? (fallback === '' ? 'Imported workflow' : fallback),
    graph: graphOf(entry, inner ?? value),
  };
}

/** The workflow alone: whatever else a file has is its own affair. */
function graphOf(entry: string, value: unknown): Graph {
  const parsed = graphSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(
      entry,
      `contains no workflow: ${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    );
  }
  const { nodes, edges, settings } = parsed.data;
  return { nodes, edges, ...(settings !== undefined && { settings }) };
}

function refuseNewer(entry: string, value: unknown): void {
  const newer = newerFormatProblem(value);
  if (newer !== null) throw new TerminalError('UPLOAD_INVALID', `${entry}: ${newer}`, { details: { entry } });
}
