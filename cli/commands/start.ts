import { formatBanner } from '../banner.ts';
import type { CliConfig } from '../config.ts';
import { listenForStop } from '../stop-signals.ts';
import { createEmbeddedStack } from '../stack/embedded-stack.ts';
import { nicenessOn, stepBack } from '../stack/own-machine-niceness.ts';
import { findVideoTool, withUnpackedFfmpeg } from '../stack/video-tools.ts';

interface StartOptions {
  readonly config: CliConfig;
  /** Progress and trouble. */
  readonly say: (text: string) => void;
  /** The banner. */
  readonly print: (text: string) => void;
}

/** `heddle start`: runs a whole stack until it is told to stop. Returns the exit code. */
export async function start({ config: given, say, print }: StartOptions): Promise<number> {
  stepBack(nicenessOn(given.host, given.niceness));
  const config = await withUnpackedFfmpeg(given);
  let reportLost: (reason: string) => void = () => {};
  const lost = new Promise<string>((resolve) => (reportLost = resolve));
  const stack = createEmbeddedStack({ config, say, onLost: reportLost });
  const signals = listenForStop(() => {
    say('stopping now; unfinished work continues at the next start.');
    void stack.forceStop();
  });
  try {
    say(`starting in ${config.dataDir} ...`);
    const started = Promise.all([stack.start(), findVideoTool(config, 'ffmpeg')]);
    const begun = await Promise.race([started, signals.first]);
    if (typeof begun !== 'string') {
      const [running, ffmpeg] = begun;
      print(formatBanner(config, running, ffmpeg));
      const lostReason = await Promise.race([signals.first.then(() => null), lost]);
      if (lostReason !== null) {
        say(`part of the stack failed: ${lostReason}`);
        await stack.stop();
        return 1;
      }
    } else {
      // Interrupted while starting: that it did not get ready is no news.
      started.catch(() => {});
    }
    say('stopping after running work is finished (press Ctrl-C again to stop now) ...');
    await stack.stop();
    say('stopped.');
    return 0;
  } finally {
    signals.dispose();
  }
}
