import type { Notice } from '../core/events/notice.ts';
import { maxNodeOutputBytes } from '../core/limits.ts';
import { maxDeltaCharacters, type NoticeBuffer } from './notice-buffer.ts';

/** Which attempt puts something out. */
export interface LiveAttempt {
  readonly runId: string;
  readonly workflowId: number;
  readonly nodeId: string;
  readonly attempt: number;
}

/** What one attempt tells while it runs. */
export interface LiveWriter {
  /** A piece of streamed text. */
  delta(text: string): void;
  /** 0-100. */
  progress(percent: number, message: string | null): void;
  /** The attempt is over: nothing of it is told again. */
  close(): void;
}

/**
 * Streamed text and progress of the attempts that run here. They pass by as
 * notices and are kept until the attempt is over, so that whoever begins to
 * watch in the middle gets what came before.
 */
export interface LiveOutput {
  open(attempt: LiveAttempt): LiveWriter;
  /** Tells everything about the attempts of a run once more, from the start; of all runs where none is named. */
  tellAgain(runId?: string): void;
}

/** Of a stream that is longer than any output may be, the rest is not kept. */
const maxKeptCharacters = maxNodeOutputBytes;

interface Kept {
  readonly about: LiveAttempt;
  readonly pieces: string[];
  progress: { readonly percent: number; readonly message: string | null } | null;
}

/** Writes to the notices of this process. */
export function createLiveOutput(notices: NoticeBuffer): LiveOutput {
  const open = new Set<Kept>();
  return {
    open: (about) => {
      const kept: Kept = { about, pieces: [], progress: null };
      let characters = 0;
      open.add(kept);
      return {
        delta: (text) => {
          for (const notice of deltasOf(about, characters, text)) notices.sendLater(notice);
          characters += text.length;
          if (characters <= maxKeptCharacters) kept.pieces.push(text);
        },
        progress: (percent, message) => {
          kept.progress = { percent, message };
          notices.sendLater({ kind: 'progress', ...about, percent, message });
        },
        close: () => void open.delete(kept),
      };
    },
    tellAgain: (runId) => {
      for (const kept of open) if (runId === undefined || kept.about.runId === runId) notices.send(everythingOf(kept));
    },
  };
}

function everythingOf({ about, pieces, progress }: Kept): Notice[] {
  const deltas = deltasOf(about, 0, pieces.join(''));
  return progress === null ? deltas : [{ kind: 'progress', ...about, ...progress }, ...deltas];
}

type Delta = Extract<Notice, { kind: 'delta' }>;

/** A text as notices that are short enough to be sent. */
function deltasOf(about: LiveAttempt, start: number, text: string): Delta[] {
  return Array.from({ length: Math.ceil(text.length / maxDeltaCharacters) }, (_, index) => {
    const from = index * maxDeltaCharacters;
    return { kind: 'delta', ...about, offset: start + from, text: text.slice(from, from + maxDeltaCharacters) };
  });
}
