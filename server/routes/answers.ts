import { binarySchema } from '../../core/api/assets.ts';
import { answerByLinkBodySchema, answeredByLinkSchema, linkedQuestionSchema } from '../../core/api/waits.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { namedByLink } from '../../core/run/wait.ts';
import { hashSecret } from '../auth/secrets.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../http/idempotency.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { visitorsOf } from '../http/transfer-turns.ts';
import { networkOf } from '../limits/networks.ts';
import { limit } from '../limits/rate-limits.ts';
import type { ServerDependencies } from './deps.ts';
import { sharedParams, sharedRunParams } from './parameters.ts';
import { answerWait } from './waits/answer-wait.ts';
import { createQuestionOpener, requireNoKey, requireOwnFiles, type OpenedQuestion } from './waits/open-question.ts';
import { contentQuerySchema, sendAsset, sendDerived, thumbnailQuerySchema, wantedContent } from './send-asset.ts';

/** An answer takes milliseconds, and no statement of it more than 15 s. */
const abandonedMs = 20_000;

const open = {
  auth: 'none',
  scope: 'any',
  place: 'installation',
  tag: 'Answers by link',
  notFound: 'LINK_NOT_FOUND',
} as const;

/**
 * What whoever has the link of a question may do: read it with its files while it is open, and answer it, once. Reading
 * decides nothing: programs that look through mail open links. Whatever else the address may be, it is answered as a link
 * that does not exist.
 */
export function answerRoutes(deps: ServerDependencies): AnyRoute[] {
  const { pool, rates, assets, once, transfers } = deps;
  const questions = createQuestionOpener(deps);

  /** A file that the question shows. Throws ASSET_NOT_FOUND. */
  async function requireFile({ scope, shows }: OpenedQuestion, id: string) {
    if ((await shows([id])).has(id)) return assets.find(scope, id);
    throw new TerminalError('ASSET_NOT_FOUND', `There is no file ${id} in this question. Choose one that it shows.`);
  }

  /** Whose transfers are counted together. */
  const ownerOf = ({ scope }: OpenedQuestion, address: string | undefined) => ({
    workspace: scope.workspaceId,
    network: networkOf(address ?? 'unknown'),
  });

  return [
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/answers/:token',
      summary: 'The question of a link',
      params: sharedParams,
      responses: { 200: { description: 'It, without its run and its workflow.', schema: linkedQuestionSchema } },
      handler: async ({ params, request }) => {
        const { found } = await questions.openToAnswer(params.token, request.ip);
        const { message, value, fields, buttons, choice, createdAt, dueAt } = found.wait;
        return { status: 200, body: { message, value, fields, buttons, choice, createdAt, dueAt } };
      },
    }),
    defineRoute({
      ...open,
      method: 'post',
      path: '/api/answers/:token',
      summary: 'Answer the question of a link: the first answer counts, later ones are refused with 409',
      params: sharedParams,
      headers: idempotencyHeader,
      body: answerByLinkBodySchema,
      audit: { action: 'wait.answer', subject: 'wait' },
      responses: { 200: { description: 'What was answered.', schema: answeredByLinkSchema } },
      handler: async ({ params, body, request, signal }) => {
        const opened = await questions.open(params.token, request.ip);
        const { scope, found, isTeam } = opened;
        limit(await rates.takeFrom('linkStart', request.ip ?? 'unknown', found.wait.id));
        const { action, values = {}, indices = [] } = body;
        const link = { name: body.name === undefined || body.name === '' ? null : body.name };
        const given = idempotencyKeyOf(request);
        // Keys of whoever came by a link are told apart from those of others.
        const key = given === null ? null : hashSecret(`answer ${found.wait.id} ${given}`).toString('hex');
        const fingerprint = { route: 'answer', id: found.wait.id, body };
        await once.do(
          { key, userId: scope.workspaceId, fingerprint, signal, abandonedMs },
          async (_subjectId, isInherited) => {
            const { resolution } = found;
            // The request that broke off may have been this answer.
            const isDone =
              isInherited && resolution?.action === action && (resolution.link?.name ?? null) === link.name;
            if (!isDone) {
              requireNoKey(link.name);
              await requireOwnFiles(pool, opened, values);
              await answerWait(deps, { scope, email: namedByLink(link.name), link }, found.wait.id, {
                action,
                values,
                indices,
              });
            }
            return { status: 200, body: { id: found.wait.id } };
          },
        );
        // What was answered stands: no limit of requests comes between it and its answer.
        const after = await questions.find(params.token);
        const { wait } = after.found;
        const { resolvedAt, resolvedBy } = wait;
        return {
          status: 200,
          body: { resolvedAt, resolvedBy, action: wait.action },
          audit: {
            id: wait.id,
            name: `${wait.workflowName}: ${wait.nodeLabel ?? wait.nodeId}`,
            ...(isTeam && { workspaceId: scope.workspaceId }),
            details: { action, runId: wait.runId, by: namedByLink(link.name) },
          },
        };
      },
    }),
    defineRoute({
      ...open,
      method: 'get',
      path: '/api/answers/:token/files/:id/content',
      notFound: 'ASSET_NOT_FOUND',
      summary: 'The bytes of a file that an open question shows',
      params: sharedRunParams,
      query: contentQuerySchema,
      responses: {
        200: { description: 'All of it.', contentType: '*/*', schema: binarySchema },
        206: { description: 'The range.', contentType: '*/*', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ params, query, request, response, signal }) => {
        const opened = await questions.openToAnswer(params.token, request.ip);
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
      path: '/api/answers/:token/files/:id/thumbnail',
      notFound: 'ASSET_NOT_FOUND',
      summary: 'A preview of an image or video that an open question shows',
      params: sharedRunParams,
      query: thumbnailQuerySchema,
      responses: {
        200: { description: 'A WebP image.', contentType: 'image/webp', schema: binarySchema },
        304: { description: 'You have it.' },
      },
      handler: async ({ params, query, request, response, signal }) => {
        const opened = await questions.openToAnswer(params.token, request.ip);
        const asset = await requireFile(opened, params.id);
        const turnOf = visitorsOf(opened.scope.workspaceId);
        const content = await assets.thumbnail(asset, { width: query.width, signal, turnOf });
        const sending = { request, response, signal, transfers, owner: ownerOf(opened, request.ip) };
        return sendDerived(sending, { name: asset.name, ending: 'webp', content });
      },
    }),
  ];
}
