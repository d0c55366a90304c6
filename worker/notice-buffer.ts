import type { Notice } from '../core/events/notice.ts';
import type { NoticeChannel } from '../queue/notice-channel.ts';

/**
 * Gathers notices into few messages: status changes go out at the end of the
 * present turn of the event loop; streamed text, progress and that parts of a
 * region changed at most 20 times a second for each node.
 */
export interface NoticeBuffer {
  send(notices: readonly Notice[]): void;
  /** Text joins what is buffered of the same attempt; progress replaces it. */
  sendLater(notice: Extract<Notice, { kind: 'delta' | 'progress' }>): void;
  /** Sends what is buffered. */
  flush(): Promise<void>;
}

/** 20 a second. */
const laterMs = 50;
/** One message stays below what NOTIFY takes, even when each character is four bytes long. */
export const maxDeltaCharacters = 1_500;

/** Has nothing to start; flush it before the channel is stopped. */
export function createNoticeBuffer(channel: NoticeChannel): NoticeBuffer {
  let soon: Notice[] = [];
  let later = new Map<string, Extract<Notice, { kind: 'delta' | 'progress' | 'parts' }>>();
  let soonTimer: NodeJS.Immediate | undefined;
  let laterTimer: NodeJS.Timeout | undefined;

  async function flushSoon(): Promise<void> {
    clearImmediate(soonTimer);
    soonTimer = undefined;
    const notices = newestOfEachRun(soon);
    soon = [];
    await channel.publish(notices);
  }

  async function flushLater(): Promise<void> {
    clearTimeout(laterTimer);
    laterTimer = undefined;
    const notices = [...later.values()];
    later = new Map();
    await channel.publish(notices);
  }

  return {
    send: (notices) => {
      for (const notice of notices) {
        if (notice.kind !== 'parts') soon.push(notice);
        // Each says no more than that it is worth looking, and who follows parts looks four times a second.
        else later.set(`parts ${notice.executionId}`, notice);
      }
      if (soon.length > 0) soonTimer ??= setImmediate(() => void flushSoon());
      if (later.size > 0) laterTimer ??= setTimeout(() => void flushLater(), laterMs);
    },
    sendLater: (notice) => {
      const key = `${notice.kind} ${notice.runId} ${notice.nodeId} ${notice.attempt}`;
      const buffered = later.get(key);
      if (notice.kind === 'delta' && buffered?.kind === 'delta') {
        const text = buffered.text + notice.text;
        if (text.length > maxDeltaCharacters) {
          void flushLater();
          later.set(key, notice);
        } else {
          later.set(key, { ...buffered, text });
        }
      } else {
        later.set(key, notice);
      }
      laterTimer ??= setTimeout(() => void flushLater(), laterMs);
    },
    flush: async () => {
      await Promise.all([flushSoon(), flushLater()]);
    },
  };
}

/** Of several notices about new events of one run only the one with the highest number says anything. */
function newestOfEachRun(notices: readonly Notice[]): Notice[] {
  const events = new Map<string, Extract<Notice, { kind: 'events' }>>();
  const others: Notice[] = [];
  for (const notice of notices) {
    if (notice.kind !== 'events') others.push(notice);
    else if ((events.get(notice.runId)?.seq ?? -1) < notice.seq) events.set(notice.runId, notice);
  }
  return [...events.values(), ...others];
}
