import { defineFileNode, type FileNode } from '../../core/node-type/file-node.ts';

export const videoFile: FileNode = {
  type: 'video',
  title: 'Video',
  description: 'A video: an uploaded file or a URL.',
  dataType: 'video',
  addressField: 'video',
};

export const videoNode = defineFileNode(videoFile);
