import { defineFileNode, type FileNode } from '../../core/node-type/file-node.ts';

export const documentFile: FileNode = {
  type: 'file',
  title: 'File',
  description: 'A document: PDF, CSV, JSON, subtitles or text, uploaded or from a web address.',
  dataType: 'file',
  addressField: 'address',
};

export const fileNode = defineFileNode(documentFile);
