import { defineFileExecutor } from '../../core/node-type/file-node.ts';
import { audioFile, audioNode } from './definition.ts';

export const audioExecutor = defineFileExecutor(audioNode, audioFile);
