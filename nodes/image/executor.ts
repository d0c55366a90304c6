import { defineFileExecutor } from '../../core/node-type/file-node.ts';
import { imageFile, imageNode } from './definition.ts';

export const imageExecutor = defineFileExecutor(imageNode, imageFile);
