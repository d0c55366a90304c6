import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { programOperation } from '../operation.ts';
import { describeFilm } from '../video/film.ts';
import { filmInput } from '../video/film-output.ts';

/** Wide enough to tell scenes apart, small enough to be quick. */
const seenWidth = 320;

/**
 * Finds where a video cuts from one scene to the next: moments in ms from the first picture, each within the first
 * picture of its scene; 0 is the first. Writes them as JSON as well. Throws VIDEO_*.
 */
export const findScenes = programOperation({
  name: 'find scenes',
  params: z.object({
    /** How much of a picture has to change, 0 to 1, as ffmpeg's filter `scene` counts it. */
    threshold: z.number().min(0).max(1),
  }),
  async work({ input, output, threshold, signal, onProgress }, workshop) {
    const film = await describeFilm({ input, signal }, workshop);
    const scenes = [0];
    await workshop.ffmpeg.write({
      inputs: [filmInput(input, film)],
      filters: `[0:${film.info.streamIndex}]scale=w=${seenWidth}:h=-2:flags=bilinear,select='gt(scene,${threshold})',metadata=mode=print[scenes]`,
      options: ['-map', '[scenes]', '-vsync', 'vfr', '-f', 'null'],
      // Nothing is written there; the folder is where ffmpeg runs.
      output,
      maxBytes: Number.MAX_SAFE_INTEGER,
      length: film.length,
      isMeasured: true,
      onLine: (line) => {
        const seconds = /\bpts_time:([\d.]+)/.exec(line)?.[1];
        // What is printed is rounded; a millisecond later the picture is there for certain.
        if (seconds !== undefined && Number(seconds) > 0) scenes.push(Math.round(Number(seconds) * 1_000) + 1);
      },
      onProgress,
      signal,
    });
    await writeFile(output, JSON.stringify({ scenes }));
    return { scenes };
  },
});
