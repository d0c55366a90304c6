import type { ComponentType } from 'react';
import type { FileType } from '../../../core/data-types/table.ts';
import { lazyPart } from '../lazy-part.ts';
import { imageViewer } from './image.tsx';
import { videoViewer } from './video.tsx';
import type { Viewer } from './viewer.ts';

/** A part of a viewer that is loaded when such a file is shown for the first time; its place is empty until then. */
function late<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return lazyPart(async () => ({ Part: await load() }), 'Part').Component;
}

/** One that has nothing to show enlarged. */
function lateViewer(load: () => Promise<Viewer>): Viewer {
  return {
    InField: late(async () => (await load()).InField),
    Value: late(async () => (await load()).Value),
    Enlarged: null,
  };
}

/** By data type; one file for each. Images and videos are on most canvases, the others come when they are needed. */
const viewers: Readonly<Record<FileType, Viewer>> = {
  image: imageViewer,
  video: videoViewer,
  audio: lateViewer(async () => (await import('./audio.tsx')).audioViewer),
  file: lateViewer(async () => (await import('./file.tsx')).fileViewer),
};

/** There is one for every file type. */
export function viewerOf(type: FileType): Viewer {
  return viewers[type];
}
