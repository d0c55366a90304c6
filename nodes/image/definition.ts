import { defineFileNode, type FileNode } from '../../core/node-type/file-node.ts';

export const imageFile: FileNode = {
  type: 'image',
  title: 'Image',
  description: 'A picture: an uploaded file, a web address or a data URL.',
  dataType: 'image',
  addressField: 'image',
};

export const imageNode = defineFileNode(imageFile);
