import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { assetSchema, binarySchema } from '../../core/api/assets.ts';
import {
  sharedAppSchema,
  sharedRunListSchema,
  sharedRunSchema,
  startSharedRunBodySchema,
  type SharedRun,
} from '../../core/api/links.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { idsIn } from '../../core/graph/named-files.ts';
import { interfaceOf } from '../../core/interface/json-schema.ts';
import { recordedActor } from '../../core/scope.ts';
import { isRunFinished } from '../../core/run/status.ts';
import type { RunDetail } from '../../core/api/runs.ts';
import { addLinkFiles, hasLinkFile } from '../../db/links/visitor-files.ts';
import { hasLinkRun, listLinkRuns } from '../../db/links/visitor-runs.ts';
import { sha256 } from '../../engine/runs/plan-request.ts';
import { openEventStream } from '../http/event-stream.ts';
import { idempotencyHeader } from '../http/idempotency.ts';
import { runNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { patience, visitorsOf } from '../http/transfer-turns.ts';
import { contentLengthOf, readUpload } from '../http/upload.ts';
import { networkOf } from '../limits/networks.ts';
import { findSources } from '../runs/find-sources.ts';
import { assetOf } from './assets.ts';
import type { ServerDependencies } from './deps.ts';
import { shownInputs } from './links/allowed-inputs.ts';
import { createLinkOpener, type Opened } from './links/open-link.ts';
import { createListFiles, filesIn, listsIn, sharedRunOf } from './links/shared-run.ts';
import { sharedStream } from './links/shared-stream.ts';
import { endWithLink } from './links/end-with-link.ts';
import { limitStart, startShared } from './links/start-shared.ts';
import { sharedParams, sharedRunParams } from './parameters.ts';
import { streamOf } from './stream-of.ts';
import { contentQuerySchema, sendAsset, sendDerived, thumbnailQuerySchema, wantedContent } from './send-asset.ts';

/** Runs of a visitor that are shown. */
const mostShown = 20;

/** Names of sources that are remembered, all runs together; a list has one for each of its elements. */
const mostKnownSources = 50_000;

/** Files of lists are let in again after so long: a link may have been made anew. */
const letInMs = 600_000;

/** How much of a workspace's room for files visitors may fill: its own runs go on, whoever comes by a link. */
const visitorsShare = 3 / 4;

const open = {
  auth: 'none',
  scope: 'any',
  place: 'installation',
  tag: 'Shared apps',
  notFound: 'LINK_NOT_FOUND',
} as const;

/**
 * What whoever has a link to an app may do: see its form, run it, and see and fetch what they started. Everything else,
 * and everything after the link has ended, is answered as a link that does not exist.
 */
export function sharedAppRoutes(deps: ServerDependencies): AnyRoute[] {
  const { pool, rates, assets, lists, runDetails, streams, starter, catalogue, transfers } = deps;
  const links = createLinkOpener(deps);
  const listFiles = createListFiles(lists);
  /** Visitors with the files of lists that they may read. */
  const letIn = new LRUCache<string, true>({ max: 10_000, ttl: letInMs });

  /** A run of the visitor, whose results may be fetched from here on. */
  async function requireRun(opened: Opened, id: string): Promise<RunDetail> {
    const run = (await hasLinkRun(pool, opened.visitor, id)) ? await runDetails.find(opened.scope, id) : null;
    if (run === null) throw runNotFound(id);
    await allow(opened, run.outputs);
    return run;
  }

  /** Of runs that have ended: what is found once stays so. */
  const knownSources = new LRUCache<string, SharedRun['sources']>({ maxSize: mostKnownSources });

  /** The names of the files that a visitor gave and results were made from, once the run has ended. */
  async function sourcesOf(opened: Opened, run: RunDetail): Promise<SharedRun['sources']> {
    if (!isRunFinished(run.status)) return {};
    const known = knownSources.get(run.id);
    if (known !== undefined) return known;
    const found = await findOwnSources(opened, run);
    knownSources.set(run.id, found, { size: 1 + Object.values(found).flat().length });
    return found;
  }

  async function findOwnSources(opened: Opened, run: RunDetail): Promise<SharedRun['sources']> {
    const [graph, results] = await Promise.all([
      links.graphOf(opened, run.workflowVersion),
      links.resultsOf(opened, run.workflowVersion),
    ]);
    // What the workflow holds, and what the link has fixed, is not the visitor's.
    const held = new Set(idsIn(JSON.stringify([graph, opened.link.fixed]).toLowerCase()));
    const own = new Set(idsIn(JSON.stringify(run.inputs).toLowerCase()).filter((id) => !held.has(id)));
    if (own.size === 0) return {};
    const sources = await findSources(deps, opened.scope, run, own);
    return Object.fromEntries(
      results.flatMap(({ name, nodeId }) => {
        const source = sources.get(nodeId)?.['output'];
        return source === undefined ? [] : [[name, source] as const];
      }),
    );
  }

  /** Lets the visitor read the files in a value. */
  async function allow({ visitor, scope }: Opened, value: unknown): Promise<void> {
    await addLinkFiles(pool, visitor, filesIn(value));
    const ids = listsIn(value).map(({ assetId, sha256: digest }) => `${assetId}:${digest}`);
    // Their files are as many as a list has elements: let in once.
    const name = `${visitor.linkId} ${visitor.visitor.toString('hex')} ${ids.join(' ')}`;
    if (ids.length === 0 || letIn.has(name)) return;
    await addLinkFiles(pool, visitor, await listFiles(scope.workspaceId, value));
    letIn.set(name, true);
  }

  async function requireFile({ visitor, scope }: Opened, id: string) {
    if (await hasLinkFile(pool, visitor, id)) return assets.find(scope, id);
    throw new TerminalError('ASSET_NOT_FOUND', `There is no file ${id}. Upload it again.`);
  }

  /** Whose transfers are counted together. */
  const ownerOf = ({ scope }: Opened, address: string | undefined) => ({
    workspace: scope.workspaceId,
    network: networkOf(address ?? 'unknown'),
  });

  return [
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/shared/:token',
      summary: 'Get the name, inputs and outputs of the app of a link',
      params: sharedParams,
      responses: { 200: { description: 'The app, without its graph.', schema: sharedAppSchema } },
      handler: async ({ params, request, response }) => {
        const opened = await links.openForMore(params.token, request, response);
        const { name, data, inputs } = await links.liveOf(opened);
        const { expiresAt, maxRuns, runs } = opened.link;
        return {
          status: 200,
          body: {
            name,
            inputs: { ...shownInputs(inputs, opened.link) },
            outputs: { ...interfaceOf(data, catalogue, sha256).outputs },
            expiresAt: expiresAt?.toISOString() ?? null,
            runsLeft: maxRuns === null ? null : maxRuns - runs,
          },
        };
      },
    }),
    defineRoute({
      ...open,
      method: 'post',
      path: '/api/shared/:token/runs',
      summary: 'Run the app of a link',
      params: sharedParams,
      headers: idempotencyHeader,
      body: startSharedRunBodySchema,
      isBodyOptional: true,
      responses: {
        202: { description: 'The run, which counts toward the limit of the link.', schema: sharedRunSchema },
      },
      handler: async ({ params, body, request, response, signal }) => {
        const opened = await links.openForMore(params.token, request, response);
        await limitStart(rates, opened, request.ip);
        const live = await links.liveOf(opened);
        const run = await startShared(deps, opened, live, { request, inputs: body.inputs, signal });
        return { status: 202, body: sharedRunOf(run) };
      },
    }),
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/shared/:token/runs',
      summary: 'List the runs that you started by a link',
      params: sharedParams,
      responses: { 200: { description: 'The newest first.', schema: sharedRunListSchema } },
      handler: async ({ params, request, response }) => {
        const opened = await links.open(params.token, request, response);
        const runs = await listLinkRuns(pool, opened.visitor, mostShown);
        const items = runs.map(({ id, status, createdAt, finishedAt }) => ({
          ...{ id, status },
          createdAt: createdAt.toISOString(),
          finishedAt: finishedAt?.toISOString() ?? null,
        }));
        return { status: 200, body: { items } };
      },
    }),
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/shared/:token/runs/:id',
      notFound: 'RUN_NOT_FOUND',
      summary: 'Get a run that you started by a link',
      params: sharedRunParams,
      responses: { 200: { description: 'As it is.', schema: sharedRunSchema } },
      handler: async ({ params, request, response }) => {
        const opened = await links.open(params.token, request, response);
        const run = await requireRun(opened, params.id);
        return { status: 200, body: sharedRunOf(run, await sourcesOf(opened, run)) };
      },
    }),
    defineRoute({
      ...open,
      method: 'post',
      path: '/api/shared/:token/runs/:id/cancel',
      notFound: 'RUN_NOT_FOUND',
      summary: 'Cancel a run that you started by a link',
      params: sharedRunParams,
      responses: {
        202: { description: 'The run; it is canceled unless it had finished before.', schema: sharedRunSchema },
      },
      handler: async ({ params, request, response }) => {
        const opened = await links.open(params.token, request, response);
        const run = await requireRun(opened, params.id);
        if (!isRunFinished(run.status)) await starter.cancel(run.id);
        return { status: 202, body: sharedRunOf(await requireRun(opened, params.id)) };
      },
    }),
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/shared/:token/runs/:id/events',
      notFound: 'RUN_NOT_FOUND',
      summary: 'Follow a run that you started by a link, as server-sent events',
      params: sharedRunParams,
      responses: {
        200: {
          description:
            '`run` (the run), then `progress`, `output` and `text` as they happen, `done` (the run at its end), or `error` (a problem).',
          contentType: 'text/event-stream',
        },
      },
      handler: async ({ params, request, response, signal }) => {
        const opened = await links.open(params.token, request, response);
        const run = await requireRun(opened, params.id);
        const results = await links.resultsOf(opened, run.workflowVersion);
        const leave = streams.claim(`link ${opened.link.id} ${networkOf(request.ip ?? 'unknown')}`);
        const ends = endWithLink(signal, () => links.requireOpen(params.token));
        try {
          await streams.pipe({
            ...streamOf(deps, request),
            open: (to) =>
              sharedStream(openEventStream(to), {
                results,
                allow: (value) => allow(opened, value),
                sourcesOf: (detail) => sourcesOf(opened, detail),
              }),
            response,
            signal: ends.signal,
            scope: opened.scope,
            run,
            first: run,
            afterSeq: run.seq,
          });
          return 'sent';
        } finally {
          ends.stop();
          leave();
        }
      },
    }),
    defineRoute({
      ...open,
      method: 'post',
      path: '/api/shared/:token/files',
      summary: 'Upload a file for a run by a link',
      params: sharedParams,
      multipart: z.object({ file: binarySchema }),
      responses: { 201: { description: 'The file.', schema: assetSchema } },
      handler: async ({ params, request, response, signal }) => {
        const opened = await links.openForMore(params.token, request, response);
        await limitStart(rates, opened, request.ip);
        const contentLength = contentLengthOf(request);
        const leave = await transfers.uploads.enter({
          owner: ownerOf(opened, request.ip),
          signal,
          patience: patience(),
        });
        try {
          const file = await readUpload(
            request,
            (stream, name) =>
              assets.receive(stream, {
                userId: opened.scope.workspaceId,
                uploadedBy: recordedActor(opened.scope),
                name,
                contentLength,
                share: visitorsShare,
                turnOf: visitorsOf(opened.scope.workspaceId),
                signal,
              }),
            (taken) => taken.dispose(),
          );
          try {
            signal.throwIfAborted();
            const row = await file.keep();
            await addLinkFiles(pool, opened.visitor, [{ assetId: row.id, sha256: row.sha256 }]);
            return { status: 201, body: assetOf(row) };
          } finally {
            await file.dispose();
          }
        } finally {
          leave();
        }
      },
    }),
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/shared/:token/files/:id/content',
      notFound: 'ASSET_NOT_FOUND',
      summary: 'Download a file that you uploaded, or a result of your runs',
      params: sharedRunParams,
      query: contentQuerySchema,
      responses: {
        200: { description: 'The whole file.', contentType: '*/*', schema: binarySchema },
        206: { description: 'The part that was asked for.', contentType: '*/*', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ params, query, request, response, signal }) => {
        const opened = await links.open(params.token, request, response);
        const asset = await requireFile(opened, params.id);
        const content = await wantedContent(assets, asset, query, {
          signal,
          turnOf: visitorsOf(opened.scope.workspaceId),
        });
        const sending = { request, response, signal, transfers, owner: ownerOf(opened, request.ip) };
        return sendAsset(sending, asset, { content, isDownload: query.download === '1' });
      },
    }),
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/shared/:token/files/:id/thumbnail',
      notFound: 'ASSET_NOT_FOUND',
      summary: 'Get a preview of an image or video that you uploaded, or of a result of your runs',
      params: sharedRunParams,
      query: thumbnailQuerySchema,
      responses: {
        200: { description: 'A WebP image.', contentType: 'image/webp', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ params, query, request, response, signal }) => {
        const opened = await links.open(params.token, request, response);
        const asset = await requireFile(opened, params.id);
        const turnOf = visitorsOf(opened.scope.workspaceId);
        const content = await assets.thumbnail(asset, { width: query.width, signal, turnOf });
        const sending = { request, response, signal, transfers, owner: ownerOf(opened, request.ip) };
        return sendDerived(sending, { name: asset.name, ending: 'webp', content });
      },
    }),
  ];
}
