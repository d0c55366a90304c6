import type { FileType } from '../../../core/data-types/table.ts';
import { audioViewer } from './audio.tsx';
import { fileViewer } from './file.tsx';
import { imageViewer } from './image.tsx';
import { videoViewer } from './video.tsx';
import type { Viewer } from './viewer.ts';

/** By data type; one file for each. */
const viewers: Readonly<Record<FileType, Viewer>> = {
  image: imageViewer,
  video: videoViewer,
  audio: audioViewer,
  file: fileViewer,
};

/** There is one for every file type. */
export function viewerOf(type: FileType): Viewer {
  return viewers[type];
}
