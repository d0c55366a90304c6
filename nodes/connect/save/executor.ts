import { createHmac } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { RetryableError, TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor, type ExecutionContext } from '../../../core/node-type/executor.ts';
import type { Secret, WebAnswer, WebRequest } from '../../../core/node-type/web-tools.ts';
import { saveNode, type SaveConfig } from './definition.ts';
import { contentOf, nameOf, sha256Of, type Content } from './executor-content.ts';
import { saveInFolder } from './executor-folder.ts';
import { encodedKey, signedHeaders } from './executor-s3.ts';

/** Large files on slow lines, and a little less than a node may take. */
const timeoutMs = 540_000;

type Context = ExecutionContext<SaveConfig>;

/** Throws TYPE_MISMATCH, INPUT_MISSING, SAVE_FAILED, SECRET_NOT_FOUND, and what `WebTools.request` does. */
export const saveExecutor = defineExecutor(saveNode, async (context) => {
  const content = await contentOf(context);
  const { to } = context.config;
  switch (to) {
    case 'folder':
      return { output: await intoFolder(context, content) };
    case 's3':
      return { output: await intoBucket(context, content) };
    case 'webhook':
      return { output: await toWebhook(context, content) };
  }
});

async function intoFolder(context: Context, content: Content): Promise<string> {
  const { config, idempotencyKey, saveFolders } = context;
  const root = saveFolders?.get(config.folder);
  if (root === undefined) {
    const names = [...(saveFolders?.keys() ?? [])];
    const known = names.length === 0 ? 'There are none on this server' : `There are: ${names.join(', ')}`;
    throw new TerminalError(
      'SAVE_FAILED',
      `"${config.folder}" is not a folder that nodes may save to. ${known}. Ask the operator to set SAVE_FOLDERS.`,
      { details: { folder: config.folder } },
    );
  }
  const name = nameOf(context, content.extension);
  const saved = await saveInFolder({ root, name, content, existing: config.existing, executionId: idempotencyKey });
  return `${config.folder}/${saved}`;
}

/** A PUT of the same content to the same key does the same twice; where one may not replace another, it says whose it is. */
async function intoBucket(context: Context, content: Content): Promise<string> {
  const { config, idempotencyKey, web, signal } = context;
  const secret = await secretOf(context);
  const key = nameOf(context, content.extension);
  const url = new URL(`${config.endpoint.replace(/\/+$/, '')}/${encodeURIComponent(config.bucket)}/${encodedKey(key)}`);
  const contentSha256 = await sha256Of(content.file);
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const ask = (method: 'PUT' | 'HEAD', headers: Record<string, string>): WebRequest => ({
    method,
    url: url.href,
    headers: Object.entries(
      signedHeaders({
        method,
        url,
        headers,
        contentSha256: method === 'PUT' ? contentSha256 : empty,
        region: config.region,
        accessKeyId: config.accessKeyId,
        secretAccessKey: secret.value,
        at: new Date(),
      }),
    ),
    ...(method === 'PUT' && { body: { kind: 'file' as const, file: content.file, mimeType: content.mimeType } }),
    secrets: [secret],
    repeat: 'always',
  });
  if (config.existing !== 'replace') {
    const there = await web.request(ask('HEAD', {}), { timeoutMs, signal }, async ({ status, headers }) =>
      status === 404 ? null : { status, owner: headers['x-amz-meta-heddle-execution'] ?? '' },
    );
    if (there !== null && there.status < 300) {
      if (there.owner === idempotencyKey) return `s3://${config.bucket}/${key}`;
      throw new TerminalError(
        'SAVE_FAILED',
        `There is an object "${key}" already. Change the name, or choose "Replace it" under "If there is one".`,
        { details: { name: key } },
      );
    }
  }
  const headers = { 'content-type': content.mimeType, 'x-amz-meta-heddle-execution': idempotencyKey };
  return web.request(ask('PUT', headers), { timeoutMs, signal }, async (answer) => {
    if (answer.status >= 300) throw await refusal(answer);
    return `s3://${config.bucket}/${key}`;
  });
}

/** Signed as Standard Webhooks have it; the id is that of the execution, so whoever receives it twice knows. */
async function toWebhook(context: Context, content: Content): Promise<string> {
  const { config, idempotencyKey, web, signal } = context;
  const secret = await secretOf(context);
  const seconds = String(Math.floor(Date.now() / 1_000));
  const key = secret.value.startsWith('whsec_')
    ? Buffer.from(secret.value.slice('whsec_'.length), 'base64')
    : secret.value;
  const hmac = createHmac('sha256', key).update(`${idempotencyKey}.${seconds}.`);
  for await (const chunk of createReadStream(content.file)) hmac.update(chunk as Buffer);
  const request: WebRequest = {
    method: 'POST',
    url: config.url,
    headers: [
      ['webhook-id', idempotencyKey],
      ['webhook-timestamp', seconds],
      ['webhook-signature', `v1,${hmac.digest('base64')}`],
    ],
    body: { kind: 'file', file: content.file, mimeType: content.mimeType },
    // Its value is not sent, but what is signed with it is for its hosts alone, too.
    secrets: [secret],
    repeat: 'always',
  };
  return web.request(request, { timeoutMs, signal }, async (answer) => {
    if (answer.status >= 300) throw await refusal(answer);
    return answer.host;
  });
}

async function secretOf({ config, web }: Context): Promise<Secret> {
  const secret = (await web.secrets([config.secret])).get(config.secret);
  if (secret !== undefined) return secret;
  throw new TerminalError(
    'SECRET_NOT_FOUND',
    'No secret is chosen. Choose one, or save one under Settings, Your secrets.',
  );
}

async function refusal(answer: WebAnswer): Promise<TerminalError | RetryableError> {
  const { status, host, retryAfterMs } = answer;
  const said = await answer.words();
  const words = said === '' ? '' : ` It says: “${said}”`;
  const mayPass = status >= 500 || status === 408 || status === 425 || status === 429;
  const advice = mayPass ? 'Try again later.' : 'Check the address, the keys and the name.';
  const message = `${host} answered with HTTP ${status} to what was to be saved. ${advice}${words}`;
  const details = { host, status };
  return mayPass
    ? new RetryableError('SAVE_FAILED', message, { details, ...(retryAfterMs !== null && { retryAfterMs }) })
    : new TerminalError('SAVE_FAILED', message, { details });
}
