import { defineFileNode, type FileNode } from '../../core/node-type/file-node.ts';

export const audioFile: FileNode = {
  type: 'audio',
  title: 'Audio',
  description: 'A sound: an uploaded file or a web address.',
  dataType: 'audio',
  addressField: 'audio',
};

export const audioNode = defineFileNode(audioFile);
