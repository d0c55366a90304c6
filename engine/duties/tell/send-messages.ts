import { Webhook } from 'standardwebhooks';
import { AppError } from '../../../core/errors/app-error.ts';
import {
  claimMessages,
  keepMessageBody,
  pauseCallback,
  recordMessage,
  type ClaimedMessage,
  type TriedMessage,
} from '../../../db/callbacks/messages.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type TellContext } from './tell-context.ts';

/** After the first try, and after each further one: eight tries in about nine hours. */
const waitsMs = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000];
/** After so many a message is given up. */
export const mostTries = waitsMs.length + 1;
/** Of a wait, so that not everybody comes back at once. */
const jitter = 0.2;
/** A receiver keeps the message and answers; what it does with it takes its time afterwards. */
const answerMs = 15_000;
/** Outputs in a message, as JSON; larger ones are read from the run. */
const maxOutputCharacters = 65_536;

/** Sends what is to be told, signed in the way of Standard Webhooks. Any number of servers may do so at once. */
export const sendMessages: Duty<TellContext> = {
  name: 'send-messages',
  everyMs: 0,
  run: async (context) => {
    const { pool, now, signal } = context;
    while (!signal.aborted) {
      const claimed = await claimMessages(pool, now(), batchSize);
      const tries = await Promise.allSettled(claimed.map((message) => send({ ...context, signal }, message)));
      const failed = tries.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
      if (failed !== undefined) throw failed.reason;
      if (claimed.length < batchSize) return;
    }
  },
};

/** Throws where the database is away: the claim ends, and somebody tries again. */
async function send(context: TellContext & { readonly signal: AbortSignal }, message: ClaimedMessage): Promise<void> {
  const { pool, secretsOf, logger } = context;
  const { id, callbackId, sealed } = message;
  const secrets = secretsOf(callbackId, sealed);
  if (secrets === null) {
    logger.error({ callbackId }, 'the secret of a callback does not open');
    const error = 'The secret of the callback cannot be read: SECRETS_KEY was changed. Make a new callback.';
    return recordMessage(pool, { id, status: 'failed', tryAt: null, answerStatus: null, error });
  }
  const body = message.body ?? (await keepMessageBody(pool, id, await bodyOf(context, message)));
  if (body === null) return;
  const answer = await post(context, message, secrets, await withAnswerUrl(context, message, body));
  // What was broken off by the end of this server is tried again by another one.
  if (context.signal.aborted && answer.status === null) return;
  await recordMessage(pool, outcomeOf(context, message, answer));
  if (answer.status === 410) await pauseCallback(pool, callbackId, 'The address answered that it wants no more (410).');
}

async function bodyOf({ describeRun, describeWait }: TellContext, message: ClaimedMessage): Promise<string> {
  const { userId, runId, waitId } = message;
  const run = (await describeRun(userId, runId)) ?? { id: runId };
  const told = waitId === null ? run : { ...run, wait: (await describeWait(userId, waitId)) ?? { id: waitId } };
  const data = JSON.stringify(told).length <= maxOutputCharacters ? told : { ...told, inputs: null, outputs: null };
  return JSON.stringify({ type: message.type, timestamp: message.now.toISOString(), data });
}

/** The address is as good as the right to answer: it is sent, and not kept with what the message says. */
async function withAnswerUrl(
  { answerUrlOf }: TellContext,
  { userId, waitId }: ClaimedMessage,
  body: string,
): Promise<string> {
  const answerUrl = waitId === null ? null : await answerUrlOf(userId, waitId);
  if (answerUrl === null) return body;
  const told = JSON.parse(body) as { readonly data: { readonly wait: object } };
  return JSON.stringify({ ...told, data: { ...told.data, wait: { ...told.data.wait, answerUrl } } });
}

interface Answer {
  /** Null: there was none. */
  readonly status: number | null;
  readonly error: string | null;
  readonly retryAfterMs: number;
  /** It never will be taken. */
  readonly isFinal: boolean;
}

async function post(
  { fetch, userAgent, signal }: TellContext & { readonly signal: AbortSignal },
  { id, url, now }: ClaimedMessage,
  secrets: readonly string[],
  body: string,
): Promise<Answer> {
  const messageId = `msg_${id}`;
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        'webhook-id': messageId,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(messageId, now, body)).join(' '),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    await response.body?.cancel();
    const { status } = response;
    const isTaken = status >= 200 && status < 300;
    return {
      status,
      error: isTaken ? null : `The address answered with HTTP ${status}.`,
      retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0,
      isFinal: status === 410,
    };
  } catch (error) {
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
    const reason = isTimeout ? `There was no answer within ${answerMs / 1_000} s.` : reasonOf(error);
    const isFinal = error instanceof AppError && error.code.startsWith('URL_');
    return { status: null, error: reason, retryAfterMs: 0, isFinal };
  }
}

/** Words of addresses that may not be reached are ours; of a connection only its code is told. */
function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown } | null)?.code;
  return `The address cannot be reached${typeof code === 'string' ? ` (${code})` : ''}.`;
}

function outcomeOf({ random }: TellContext, { id, tries, now }: ClaimedMessage, answer: Answer): TriedMessage {
  const { status: answerStatus, error } = answer;
  if (error === null) return { id, status: 'delivered', tryAt: null, answerStatus, error };
  const waitMs = waitsMs[tries - 1];
  if (answer.isFinal || waitMs === undefined) return { id, status: 'failed', tryAt: null, answerStatus, error };
  const longest = waitsMs[waitsMs.length - 1]!;
  const floor = Math.min(longest, Math.max(0, answer.retryAfterMs));
  const tryAt = new Date(now.getTime() + Math.max(floor, waitMs * (1 + jitter * random())));
  return { id, status: 'due', tryAt, answerStatus, error };
}
