import type { FileType } from '../../core/data-types/table.ts';
import { audioKind } from './audio.ts';
import { fileKind } from './file.ts';
import { imageKind } from './image.ts';
import type { KindOfFile } from './kind-of-file.ts';
import { videoKind } from './video.ts';

/** By data type; one file for each. */
export const kindsOfFiles: Readonly<Record<FileType, KindOfFile>> = {
  image: imageKind,
  video: videoKind,
  audio: audioKind,
  file: fileKind,
};
