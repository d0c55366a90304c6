import { defineFileNode, type FileNode } from '../../../core/node-type/file-node.ts';

/** What definition and executor have to agree on: the address is in the field `address`. */
export const documentFile: FileNode = {
  type: 'file',
  title: 'File',
  description: 'A document: PDF, CSV, JSON, subtitles or text, uploaded or from a web address.',
  keywords: ['document', 'pdf', 'csv', 'json', 'subtitles'],
  dataType: 'file',
  addressField: 'address',
};

/** No inputs; puts out one document. An upload wins over an address. */
export const fileNode = defineFileNode(documentFile);
