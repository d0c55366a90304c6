import { defineFileExecutor } from '../../core/node-type/file-node.ts';
import { documentFile, fileNode } from './definition.ts';

export const fileExecutor = defineFileExecutor(fileNode, documentFile);
