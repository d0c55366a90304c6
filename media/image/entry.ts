import { setTimeout } from 'node:timers/promises';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { ImageOperation } from './image-operation.ts';
import { createImages } from './images.ts';
import type { ImageErrorCode, ImageReply, ImageRequest } from './tasks.ts';
import { maxWebpSide } from './webp-by-rows.ts';

/*
 * The program of an image process: one request by IPC, one reply. It ends with
 * its parent, and is killed by it on an abort or a timeout.
 */

process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal reaches the whole process group; the parent drains and then stops us.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

process.on('message', (request: ImageRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});

type AnyOperation = ImageOperation<object, unknown>;

async function answer({ module, name, request, limits }: ImageRequest): Promise<ImageReply> {
  try {
    const operation = await load(module, name);
    const result = await operation.draw(request, createImages(limits));
    return { ok: true, result, rssBytes: await memoryInUse() };
  } catch (error) {
    return { ok: false, ...explain(error), rssBytes: await memoryInUse() };
  }
}

/** Above it the pixels of the last task are let go first: they would count, and the process be replaced for nothing. */
const untidyBytes = 280 * 1_048_576;

/** What is found to be free is given back beside the program, within milliseconds: it is waited for so often, and so long. */
const looks = 6;
const betweenLooksMs = 2;

/** What is left is what the allocator keeps for the next task: only what came on top of it is worth another look. */
const onTopBytes = 16 * 1_048_576;
/** After the last look, in bytes. */
let leftBytes = 0;

/** Resident memory, in bytes. */
async function memoryInUse(): Promise<number> {
  const rss = () => process.memoryUsage.rss();
  if (rss() > Math.max(untidyBytes, leftBytes + onTopBytes)) {
    globalThis.gc?.();
    for (let look = 0; look < looks && rss() > untidyBytes; look += 1) await setTimeout(betweenLooksMs);
    leftBytes = rss();
  }
  return rss();
}

/** The parent names its own modules; what a user gave never comes here but as `request`. */
async function load(module: string, name: string): Promise<AnyOperation> {
  const exported = Object.values((await import(module)) as Record<string, AnyOperation>);
  const operation = exported.find((candidate) => candidate.name === name && candidate.module === module);
  if (operation === undefined) throw new TypeError(`${module} exports no image operation "${name}"`);
  return operation;
}

function explain(error: unknown): { code: ImageErrorCode; message: string } {
  if (error instanceof TerminalError) return { code: error.code as ImageErrorCode, message: error.message };
  const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  if (/pixel limit/i.test(reason)) {
    return { code: 'IMAGE_TOO_MANY_PIXELS', message: 'The image has too many pixels. Make it smaller.' };
  }
  if (/too large for the WebP format/i.test(reason)) {
    return {
      code: 'IMAGE_TOO_MANY_PIXELS',
      message: `A WebP has up to ${maxWebpSide} pixels on a side. Make the image smaller, or choose another format.`,
    };
  }
  if (/no space left|ENOSPC|EDQUOT/i.test(reason)) {
    return { code: 'STORAGE_FULL', message: 'The disk for working files is full. Ask the operator to make room.' };
  }
  return {
    code: 'IMAGE_UNREADABLE',
    message: `The image cannot be read: ${reason.replaceAll(/\/\S+/g, 'the file')}. It may be damaged or incomplete. Save it again.`,
  };
}
