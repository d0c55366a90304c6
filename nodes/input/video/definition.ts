import { defineFileNode, type FileNode } from '../../../core/node-type/file-node.ts';

/** What definition and executor have to agree on: the address is in the field `video`. */
export const videoFile: FileNode = {
  type: 'video',
  title: 'Video',
  description: 'A video: an uploaded file or a URL.',
  keywords: ['clip', 'movie', 'film'],
  dataType: 'video',
  addressField: 'video',
};

/** No inputs; puts out one video. An upload wins over an address. */
export const videoNode = defineFileNode(videoFile);
