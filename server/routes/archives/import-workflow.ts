import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { AssetRow } from '../../../assets/asset-rows.ts';
import {
  archivedVersion,
  archivedWorkflow,
  archiveManifest,
  archiveManifestSchema,
  versionFileSchema,
  type ArchiveManifest,
  type ImportedWorkflow,
} from '../../../core/api/workflow-archive.ts';
import { newerFormatProblem } from '../../../core/api/workflows.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { graphSchema, type Graph } from '../../../core/graph/graph.ts';
import { addressedFiles, withFileIds } from '../../../core/graph/named-files.ts';
import { recordedActor, type Scope } from '../../../core/scope.ts';
import { listAssetsById } from '../../../db/assets/find.ts';
import type { Db } from '../../../db/client.ts';
import { changeWithinDataQuota } from '../../../db/user-data/change-within-quota.ts';
import { findWorkflow } from '../../../db/workflows/find.ts';
import { countDraftUp, insertImportedVersion } from '../../../db/workflows/import.ts';
import { insertWorkflow } from '../../../db/workflows/insert.ts';
import { dataQuotaFull } from '../../../engine/runs/data-quota.ts';
import { hashedGraph } from '../../../engine/runs/known-workflows.ts';
import { checkGraph } from '../../graphs/check-graph.ts';
import { createVersions } from '../../graphs/versions.ts';
import { batchJsonLimits, jsonLimits } from '../../limits/limits.ts';
import type { ServerDependencies } from '../deps.ts';
import { isArchive, maxTextBytes, openArchive, parseEntry, refused, within, type Archive } from './read-archive.ts';

/** What is imported, and where to. */
export interface ImportRequest {
  readonly scope: Scope;
  /** A file of this machine: a workflow as JSON, or an archive. */
  readonly path: string;
  /** What it was called; names a workflow that has no name of its own. */
  readonly fileName: string;
  /** Whether the version that was live is live here, or else the latest one. */
  readonly isLive: boolean;
  /** Called once all that can be known without taking files in is checked. */
  readonly onChecked: () => Promise<void>;
  readonly signal: AbortSignal;
}

const nothing: ArchiveManifest = { heddle: 'workflow-archive', format: 1, versions: [], media: [] };
const namedSchema = z.looseObject({ name: z.string().trim().min(1).max(255).optional(), data: z.unknown().optional() });

/** Imports workflows: all that a file brings, or nothing of it. */
export function createImporter(deps: ServerDependencies) {
  const { db, assets, limits, newId, now } = deps;
  const rules = { catalogue: deps.catalogue, graphLimits: limits.graph, addresses: deps.addresses };
  const versions = createVersions(deps);

  /**
   * Throws UPLOAD_INVALID with what is wrong where, STORAGE_FULL, DATA_QUOTA_FULL, and as uploads and drafts do for what is
   * in it.
   */
  async function importFile(request: ImportRequest): Promise<ImportedWorkflow> {
    deps.disk.requireRoom();
    if (!(await isArchive(request.path))) return importJson(request);
    const archive = await openArchive(request.path);
    try {
      return await importArchive(archive, request);
    } finally {
      archive.close();
    }
  }

  async function importJson(request: ImportRequest): Promise<ImportedWorkflow> {
    const { size } = await stat(request.path);
    if (size > maxTextBytes) {
      throw new TerminalError('FILE_TOO_LARGE', `The file has ${size} bytes; a workflow has at most ${maxTextBytes}.`, {
        details: { maxBytes: maxTextBytes },
      });
    }
    const name = 'The file';
    const workflow = workflowOf(name, parseEntry(name, await readFile(request.path), jsonLimits), request.fileName);
    if (request.isLive) throw noVersions();
    checkGraph(workflow.graph, rules, true);
    await request.onChecked();
    return store(request, workflow, { files: new Map(), numbers: [], readVersion: async () => never() });
  }

  async function importArchive(archive: Archive, request: ImportRequest): Promise<ImportedWorkflow> {
    const { scope, fileName, isLive, signal } = request;
    const workflow = workflowOf(archivedWorkflow, await archive.json(archivedWorkflow, z.unknown()), fileName);
    const manifest = archive.has(archiveManifest) ? await readManifest(archive) : nothing;
    const numbers = [...new Set(manifest.versions)].toSorted((one, other) => one - other);
    if (isLive && numbers.length === 0) throw noVersions();
    checkIn(archivedWorkflow, workflow.graph);
    // One at a time in memory: each is read again when it is stored.
    for (const number of numbers) checkIn(archivedVersion(number), (await readVersion(archive, number)).graph);
    for (const { file, bytes } of manifest.media) {
      if (archive.bytesOf(file) !== bytes)
        throw refused(file, `has other than the ${bytes} bytes that the manifest says`);
    }
    signal.throwIfAborted();
    await request.onChecked();
    const made: string[] = [];
    try {
      const files = await takeFiles(archive, manifest, request, made);
      return await store(request, workflow, {
        files,
        numbers,
        readVersion: (number) => readVersion(archive, number),
      });
    } catch (error) {
      // Nothing of it stays. What was there before is not touched.
      await assets.remove(scope, made);
      throw error;
    }
  }

  /** The files of an archive as files of the workspace; by the ids that the graphs have for them. */
  async function takeFiles(
    archive: Archive,
    { media }: ArchiveManifest,
    { scope, signal }: ImportRequest,
    made: string[],
  ): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>();
    const onMade = ({ id }: AssetRow) => void made.push(id);
    for (const { assetId, file, sha256, name } of media) {
      signal.throwIfAborted();
      try {
        const received = await assets.receive(await archive.stream(file), {
          userId: scope.workspaceId,
          uploadedBy: recordedActor(scope),
          name,
          contentLength: archive.bytesOf(file),
          onMade,
          signal,
        });
        try {
          if (received.sha256 !== sha256) throw refused(file, 'has other bytes than the manifest says');
          files.set(assetId, (await received.keep()).id);
        } finally {
          await received.dispose();
        }
      } catch (error) {
        throw within(`${file} ("${name}")`, error);
      }
    }
    return files;
  }

  async function store(
    { scope, isLive }: ImportRequest,
    { name, graph }: NamedGraph,
    { files, numbers, readVersion: read }: Brought,
  ): Promise<ImportedWorkflow> {
    const quota = limits.data;
    const data = withFileIds(graph, files);
    const findings = checkGraph(data, rules, true);
    const addressed = new Set(addressedFiles(JSON.stringify(data)));
    const stored = await changeWithinDataQuota(db, { userId: scope.workspaceId, quota }, async (trx) => {
      const { id } = await insertWorkflow(trx, { scope, name, data });
      // The draft is one change ahead of versions that differ from it.
      if (numbers.length > 0) await countDraftUp(trx, scope, id);
      const draft = hashedGraph(id, data).contentHash;
      let live: number | undefined;
      for (const number of numbers) {
        const version = await read(number);
        const versionGraph = withFileIds(version.graph, files);
        checkIn(archivedVersion(number), versionGraph);
        for (const file of addressedFiles(JSON.stringify(versionGraph))) addressed.add(file);
        const { contentHash } = hashedGraph(id, versionGraph);
        await insertImportedVersion(trx, {
          workflowId: id,
          number,
          note: version.note,
          publishedAt: new Date(Math.min(Date.parse(version.publishedAt), now().getTime())),
          revision: contentHash === draft ? 2 : 1,
          frozen: { id: newId(), contentHash, graph: versionGraph },
        });
        if (version.live) live = number;
      }
      if (isLive) await versions.setLiveIn(trx, scope, id, live ?? numbers.at(-1)!);
      return { workflow: (await findWorkflow(trx, scope, id))! };
    });
    if (stored === null) throw dataQuotaFull(quota);
    const here = await listAssetsById(db, scope, [...addressed]);
    return {
      ...stored.workflow,
      role: scope.role,
      ...(findings.length > 0 && { findings }),
      imported: {
        versions: [...numbers],
        files: files.size,
        missingFiles: [...addressed].filter((id) => !here.has(id)),
      },
    };
  }

  function checkIn(entry: string, graph: Graph): void {
    try {
      checkGraph(graph, rules, true);
    } catch (error) {
      throw within(entry, error);
    }
  }

  return { importFile };
}

interface NamedGraph {
  readonly name: string;
  readonly graph: Graph;
}

/** What comes along with a draft. */
interface Brought {
  readonly files: ReadonlyMap<string, string>;
  readonly numbers: readonly number[];
  readonly readVersion: (number: number) => ReturnType<typeof readVersion>;
}

async function readManifest(archive: Archive): Promise<ArchiveManifest> {
  const loose = await archive.json(archiveManifest, z.unknown(), batchJsonLimits);
  refuseNewer(archiveManifest, loose);
  return archive.json(archiveManifest, archiveManifestSchema, batchJsonLimits);
}

async function readVersion(archive: Archive, number: number) {
  const entry = archivedVersion(number);
  const { version, data, hash, ...about } = await archive.json(entry, versionFileSchema);
  if (version !== number) throw refused(entry, `is version ${version}`);
  const graph = graphOf(entry, data);
  if (hashedGraph(0, data as Graph).contentHash !== hash) throw refused(entry, 'was changed: its hash is another one');
  return { ...about, graph };
}

/** An exported workflow, an answer of the API, or a bare graph. */
function workflowOf(entry: string, value: unknown, fileName: string): NamedGraph {
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

/** Nodes and edges alone: whatever else a file has is its own affair. */
function graphOf(entry: string, value: unknown): Graph {
  const parsed = graphSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(
      entry,
      `contains no workflow: ${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    );
  }
  const { nodes, edges } = parsed.data;
  return { nodes, edges };
}

function refuseNewer(entry: string, value: unknown): void {
  const newer = newerFormatProblem(value);
  if (newer !== null) throw new TerminalError('UPLOAD_INVALID', `${entry}: ${newer}`, { details: { entry } });
}

function noVersions(): TerminalError {
  return new TerminalError(
    'UPLOAD_INVALID',
    'Nothing can be live: the file has no published versions. Import it without "live", or export it with its versions.',
  );
}

function never(): never {
  throw new Error('A file of JSON has no versions.');
}
