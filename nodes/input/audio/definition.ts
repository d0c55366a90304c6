import { defineFileNode, type FileNode } from '../../../core/node-type/file-node.ts';

/** What definition and executor have to agree on: the address is in the field `audio`. */
export const audioFile: FileNode = {
  type: 'audio',
  title: 'Audio',
  description: 'An audio file: uploaded, or at a web address.',
  keywords: ['sound', 'music', 'voice', 'song', 'podcast'],
  dataType: 'audio',
  addressField: 'audio',
};

/** No inputs; puts out one sound. An upload wins over an address. */
export const audioNode = defineFileNode(audioFile);
