import { defineFileNode, type FileNode } from '../../../core/node-type/file-node.ts';

/** What definition and executor have to agree on: the address is in the field `image`. */
export const imageFile: FileNode = {
  type: 'image',
  title: 'Image',
  description: 'An image: an uploaded file, a URL or a data URL.',
  keywords: ['photo', 'picture', 'reference'],
  dataType: 'image',
  addressField: 'image',
};

/** No inputs; puts out one image. An upload wins over an address. */
export const imageNode = defineFileNode(imageFile);
