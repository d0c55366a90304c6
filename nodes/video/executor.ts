import { defineFileExecutor } from '../../core/node-type/file-node.ts';
import { videoFile, videoNode } from './definition.ts';

export const videoExecutor = defineFileExecutor(videoNode, videoFile);
