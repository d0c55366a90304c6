import { readFile, stat } from 'node:fs/promises';
import type { AssetRow } from '../../../assets/asset-rows.ts';
import {
  archivedVersion,
  archivedWorkflow,
  type ArchiveManifest,
  type ImportedWorkflow,
} from '../../../core/api/workflow-archive.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import { addressedFiles, withFileIds } from '../../../core/graph/named-files.ts';
import { recordedActor, type Scope } from '../../../core/scope.ts';
import { listAssetsById } from '../../../db/assets/find.ts';
import { changeWithinDataQuota } from '../../../db/user-data/change-within-quota.ts';
import { findWorkflow } from '../../../db/workflows/find.ts';
import { countDraftUp, insertImportedVersion } from '../../../db/workflows/import.ts';
import { insertWorkflow } from '../../../db/workflows/insert.ts';
import { dataQuotaFull } from '../../../engine/runs/data-quota.ts';
import { hashedGraph } from '../../../engine/runs/known-workflows.ts';
import { checkGraph } from '../../graphs/check-graph.ts';
import { createVersions } from '../../graphs/versions.ts';
import { jsonLimits } from '../../limits/limits.ts';
import type { ServerDependencies } from '../deps.ts';
import {
  readDraft,
  readManifest,
  readVersion,
  workflowOf,
  type ArchivedVersion,
  type NamedGraph,
} from './read-entries.ts';
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
      throw new TerminalError(
        'FILE_TOO_LARGE',
        `The file has ${size} bytes; a workflow has at most ${maxTextBytes}. Choose another one.`,
        {
          details: { maxBytes: maxTextBytes },
        },
      );
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
    const workflow = await readDraft(archive, fileName);
    const manifest = await readManifest(archive);
    const numbers = [...new Set(manifest.versions)].toSorted((one, other) => one - other);
    if (isLive && numbers.length === 0) throw noVersions();
    // As many graphs as nobody may have are not unpacked at all.
    const bytes = numbers.reduce((sum, number) => sum + archive.bytesOf(archivedVersion(number)), 0);
    if (bytes > limits.data.maxBytes) throw dataQuotaFull(limits.data);
    checkIn(archivedWorkflow, workflow.graph);
    // One at a time in memory: each is read again when it is stored.
    for (const number of numbers) checkIn(archivedVersion(number), (await readVersion(archive, number)).graph);
    for (const { file, bytes: told } of manifest.media) {
      if (archive.bytesOf(file) !== told)
        throw refused(file, `has other than the ${told} bytes that the manifest says`);
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

/** What comes along with a draft. */
interface Brought {
  readonly files: ReadonlyMap<string, string>;
  readonly numbers: readonly number[];
  readonly readVersion: (number: number) => Promise<ArchivedVersion>;
}

function noVersions(): TerminalError {
  return new TerminalError(
    'UPLOAD_INVALID',
    'Nothing can be live: the file has no published versions. Send it without "live", or use an export with versions.',
  );
}

function never(): never {
  throw new Error('A file of JSON has no versions.');
}
