import { defineFileNode, type FileNode } from '../../core/node-type/file-node.ts';

export const imageFile: FileNode = {
  type: 'image',
  title: 'Image',
  description: 'An image: an uploaded file, a URL or a data URL.',
  dataType: 'image',
  addressField: 'image',
};

export const imageNode = defineFileNode(imageFile);
