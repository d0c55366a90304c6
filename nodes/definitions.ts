import { catalogueOf, type AnyNodeDefinition } from '../core/node-type/definition.ts';
import { comfyNode } from './ai/comfy/definition.ts';
import { generateImageNode } from './ai/generate-image/definition.ts';
import { generateVideoNode } from './ai/generate-video/definition.ts';
import { llmNode } from './ai/llm/definition.ts';
import { speakNode } from './ai/speak/definition.ts';
import { transcribeNode } from './ai/transcribe/definition.ts';
import { adjustAudioNode } from './audio/adjust/definition.ts';
import { convertAudioNode } from './audio/convert/definition.ts';
import { joinAudioNode } from './audio/join/definition.ts';
import { trimAudioNode } from './audio/trim/definition.ts';
import { collectNode } from './flow/collect/definition.ts';
import { codeNode } from './connect/code/definition.ts';
import { httpNode } from './connect/http/definition.ts';
import { saveNode } from './connect/save/definition.ts';
import { approveNode } from './flow/approve/definition.ts';
import { callWorkflowNode } from './flow/call-workflow/definition.ts';
import { chooseNode } from './flow/choose/definition.ts';
import { delayNode } from './flow/delay/definition.ts';
import { ifNode } from './flow/if/definition.ts';
import { repeatNode } from './flow/repeat/definition.ts';
import { untilNode } from './flow/until/definition.ts';
import { mergeNode } from './flow/merge/definition.ts';
import { pickNode } from './flow/pick/definition.ts';
import { switchNode } from './flow/switch/definition.ts';
import { adjustImageNode } from './image/adjust/definition.ts';
import { compareImagesNode } from './image/compare/definition.ts';
import { composeImagesNode } from './image/compose/definition.ts';
import { convertImageNode } from './image/convert/definition.ts';
import { outputNode } from './flow/output/definition.ts';
import { cropImageNode } from './image/crop/definition.ts';
import { drawTextNode } from './image/draw-text/definition.ts';
import { gridImagesNode } from './image/grid/definition.ts';
import { imageInfoNode } from './image/info/definition.ts';
import { resizeImageNode } from './image/resize/definition.ts';
import { rotateImageNode } from './image/rotate/definition.ts';
import { splitGridNode } from './image/split-grid/definition.ts';
import { audioNode } from './input/audio/definition.ts';
import { booleanNode } from './input/boolean/definition.ts';
import { choiceNode } from './input/choice/definition.ts';
import { fileNode } from './input/file/definition.ts';
import { imageNode } from './input/image/definition.ts';
import { jsonNode } from './input/json/definition.ts';
import { listNode } from './input/list/definition.ts';
import { numberNode } from './input/number/definition.ts';
import { textNode } from './input/text/definition.ts';
import { videoNode } from './input/video/definition.ts';
import { extractJsonNode } from './text/extract-json/definition.ts';
import { joinTextNode } from './text/join/definition.ts';
import { replaceTextNode } from './text/replace/definition.ts';
import { splitTextNode } from './text/split/definition.ts';
import { templateNode } from './text/template/definition.ts';
import { addAudioNode } from './video/add-audio/definition.ts';
import { animateNode } from './video/animate/definition.ts';
import { extractAudioNode } from './video/extract-audio/definition.ts';
import { extractFrameNode } from './video/extract-frame/definition.ts';
import { extractFramesNode } from './video/extract-frames/definition.ts';
import { videoFromImagesNode } from './video/from-images/definition.ts';
import { videoInfoNode } from './video/info/definition.ts';
import { joinVideosNode } from './video/join/definition.ts';
import { overlayVideoNode } from './video/overlay/definition.ts';
import { resizeVideoNode } from './video/resize/definition.ts';
import { speedVideoNode } from './video/speed/definition.ts';
import { subtitleVideoNode } from './video/subtitle/definition.ts';
import { trimVideoNode } from './video/trim/definition.ts';

/** Every node type, in the order of the palette. One folder each; a test compares folders with this list. */
export const nodeDefinitions: readonly AnyNodeDefinition[] = [
  textNode,
  numberNode,
  booleanNode,
  choiceNode,
  jsonNode,
  imageNode,
  videoNode,
  audioNode,
  fileNode,
  listNode,
  templateNode,
  joinTextNode,
  splitTextNode,
  replaceTextNode,
  extractJsonNode,
  llmNode,
  generateImageNode,
  generateVideoNode,
  speakNode,
  transcribeNode,
  comfyNode,
  cropImageNode,
  resizeImageNode,
  rotateImageNode,
  adjustImageNode,
  convertImageNode,
  composeImagesNode,
  drawTextNode,
  compareImagesNode,
  imageInfoNode,
  gridImagesNode,
  splitGridNode,
  extractFrameNode,
  extractFramesNode,
  ifNode,
  switchNode,
  mergeNode,
  repeatNode,
  untilNode,
  pickNode,
  collectNode,
  videoInfoNode,
  extractAudioNode,
  trimVideoNode,
  resizeVideoNode,
  joinVideosNode,
  overlayVideoNode,
  subtitleVideoNode,
  trimAudioNode,
  convertAudioNode,
  adjustAudioNode,
  speedVideoNode,
  addAudioNode,
  videoFromImagesNode,
  animateNode,
  joinAudioNode,
  httpNode,
  codeNode,
  saveNode,
  delayNode,
  approveNode,
  callWorkflowNode,
  chooseNode,
  outputNode,
];

/** The same node types, looked up by the `type` that a saved node names. */
export const nodeCatalogue = catalogueOf(nodeDefinitions);
