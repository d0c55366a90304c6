import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Media } from '../../media/media.ts';
import { adjustImage } from '../../media/operations/adjust-image.ts';
import { convertImage } from '../../media/operations/convert-image.ts';
import { resizeImage } from '../../media/operations/resize-image.ts';
import { makePhoto } from '../photo.ts';
import type { BareImage } from '../bare-images.ts';

/** What the process with sharp alone is told. */
export type BareWork = BareImage;

export interface ImageContest {
  readonly name: string;
  readonly bare: BareWork;
  work(media: Media): Promise<unknown>;
}

const { signal } = new AbortController();

/** Operations on a photo of 12 MP, and a process that does the same with sharp alone. */
export async function imageContests(folder: string) {
  const input = await makePhoto(folder);
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? '../bare-images.ts' : '../bare-images.js', import.meta.url));
  // The same allocator settings as Heddle's own: they cost nothing and must not be what is compared.
  const child = fork(entry, [], { env: { MALLOC_ARENA_MAX: '2' }, execArgv: process.execArgv });
  const output = (name: string) => join(folder, name);
  const contests: ImageContest[] = [
    {
      name: 'resize image to 1,600 px',
      bare: { work: 'resize', input, output: output('bare-resized.jpg') },
      work: (media) =>
        media.run(resizeImage, {
          ...{ input, output: output('resized.jpg'), mode: 'inside', unit: 'px', width: 1_600, height: 1_600, signal },
          ...{ mayEnlarge: false, position: 'center', background: '#ffffff', kernel: 'lanczos3' },
        }),
    },
    {
      name: 'convert image to WebP',
      bare: { work: 'convert', input, output: output('bare-converted.webp') },
      work: (media) =>
        media.run(convertImage, {
          ...{
            input,
            output: output('converted.webp'),
            format: 'webp',
            quality: 80,
            isLossless: false,
            maxBytes: null,
          },
          ...{ mayShrink: false, keepsMetadata: false, keepsProfile: false, background: '#ffffff', signal },
        }),
    },
    {
      name: 'adjust image',
      bare: { work: 'adjust', input, output: output('bare-adjusted.jpg') },
      work: (media) =>
        media.run(adjustImage, {
          ...{ input, output: output('adjusted.jpg'), brightness: 20, contrast: 0, saturation: 20, hue: 0, signal },
          ...{ isGray: false, tint: null, blur: 0, sharpen: 0 },
        }),
    },
  ];
  return {
    contests,
    bare: async (work: BareWork): Promise<void> => {
      const done = new Promise((resolve) => child.once('message', resolve));
      child.send(work);
      await done;
    },
    stop: async (): Promise<void> => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}
