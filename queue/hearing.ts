/*
 * Who only listens on a connection does not notice when the other side vanishes
 * without a word: nothing comes, as when there is nothing to hear. So it says
 * something to itself now and then, and is deaf where that does not come back.
 */
export interface Hearing {
  /** What it said has come back. */
  heard(): void;
  /** The connection was lost: what was said meanwhile is missed. */
  lost(): void;
  stop(): void;
}

interface HearingOptions {
  /** False while it is being connected: it hears nothing then, and connecting once more would never come to an end. */
  readonly isListening: () => boolean;
  /** Says something that only this listener hears. A failure says nothing about hearing. */
  readonly say: () => Promise<unknown>;
  /** It does not hear: connect anew. */
  readonly onDeaf: () => void;
  /** It hears again, and has missed what was said in between. */
  readonly onHearsAgain: () => void;
  /** Milliseconds between two things that it says; what has not come back by then never will. */
  readonly everyMs: number;
}

/** Says something for the first time after `everyMs`. */
export function createHearing({ isListening, say, onDeaf, onHearsAgain, everyMs }: HearingOptions): Hearing {
  let isUnheard = false;
  let hasMissed = false;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function next(): void {
    if (isStopped) return;
    timer = setTimeout(() => void turn(), everyMs);
    timer.unref();
  }

  async function turn(): Promise<void> {
    if (!isListening()) {
      isUnheard = false;
      hasMissed = true;
    } else if (isUnheard) {
      isUnheard = false;
      hasMissed = true;
      onDeaf();
    } else {
      isUnheard = true;
      // What could not be said cannot be heard.
      await say().catch(() => {
        isUnheard = false;
      });
    }
    next();
  }

  next();
  return {
    heard: () => {
      isUnheard = false;
      if (!hasMissed) return;
      hasMissed = false;
      onHearsAgain();
    },
    lost: () => {
      hasMissed = true;
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
