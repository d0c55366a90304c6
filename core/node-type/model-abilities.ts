import { partsOf } from '../data-types/table.ts';
import type { ConfigFinding, ConnectedInput } from './definition.ts';
import type { ModelTask } from './model-tasks.ts';

/*
 * What models are known to take beside text. Only what their makers say of a model of that name is here: a name that is not
 * known, or that could be that of a later edition, is never refused.
 */

/** What can be sent to a model beside text. */
export const modelInputs = ['image', 'audio', 'video', 'pdf'] as const;
export type ModelInput = (typeof modelInputs)[number];

const words: Readonly<Record<ModelInput, string>> = { image: 'images', audio: 'audio', video: 'video', pdf: 'PDFs' };

interface Known {
  readonly lacks: readonly ModelInput[];
}

const nothingElse: Known = { lacks: modelInputs };
const imagesAlone: Known = { lacks: ['audio', 'video'] };

/** Families of names whose members differ: what they take is not told by what comes before. */
const special = /vl|vision|visual|omni|audio|multi|ocr|realtime|search|-v(?:$|[-:])/;

/** In order. Names are lower-case, without their makers. */
const known: readonly (readonly [RegExp, Known])[] = [
  [/^gemini-.*-tts/, nothingElse],
  [/^gemini-2\.5-flash-image/, imagesAlone],
  [/^gemini-(?:1\.5|2\.0|2\.5|3(?:\.\d+)?)-(?:pro|flash)(?!.*image)/, { lacks: [] }],
  [/^(?:gpt-4o-(?:mini-)?audio|gpt-audio)/, { lacks: ['image', 'video', 'pdf'] }],
  [/^gpt-3\.5-turbo|^gpt-4(?:-0\d{3}|-32k.*)?$|^o1-(?:mini|preview)|^o3-mini/, nothingElse],
  [/^(?:gpt-4o|gpt-4-turbo|gpt-4\.1|gpt-5(?:\.[12])?)(?:-|$)|^o[13](?:-20\d\d|-pro|$)|^o4-mini/, imagesAlone],
  [/^claude-(?:3|(?:opus|sonnet|haiku)-4)/, imagesAlone],
  [/^gpt-oss[-:]/, nothingElse],
  [/^llama-?(?:2|3|3\.1|3\.3)(?:[-:]|$)/, nothingElse],
  [/^(?:mistral-7b|mixtral|codellama|codestral|devstral)(?:[-:]|$)/, nothingElse],
  [/^(?:qwen-?2\.5|qwen-?3|qwq)(?:[-:]|$)/, nothingElse],
  [/^deepseek-(?:r1|v3|coder)(?:[-:]|$)/, nothingElse],
  [/^(?:gemma-?2|kimi-k2|glm-4\.[56])(?:[-:]|$)/, nothingElse],
  [/^gemma-?3[-:](?:4b|12b|27b)/, imagesAlone],
];

/** Models that are named as an example, the plain ones first. */
const takers: Readonly<Record<ModelInput, readonly string[]>> = {
  image: ['gemini-2.5-flash', 'gpt-4o', 'gpt-4.1', 'claude-sonnet-4'],
  audio: ['gemini-2.5-flash', 'gemini-2.5-pro', 'gpt-4o-audio-preview'],
  video: ['gemini-2.5-flash', 'gemini-2.5-pro'],
  pdf: ['gemini-2.5-flash', 'gemini-2.5-pro', 'gpt-4o', 'gpt-4.1'],
};

/** What a model is known not to take; nothing where that is not known. */
export function lacksByName(model: string): readonly ModelInput[] {
  const name = plainName(model);
  const found = known.find(([pattern]) => pattern.test(name));
  if (found === undefined) return [];
  // Of the names that are told apart above, those with such a word in them are others.
  return special.test(name) && !/^(?:gemini|gpt-4o-(?:mini-)?audio|gpt-audio)/.test(name) ? [] : found[1].lacks;
}

/** Models whose makers say that this is all they do. */
const makers: readonly (readonly [RegExp, ModelTask])[] = [
  [/^(?:veo-\d|sora-\d)/, 'video'],
  [/^(?:imagen-\d|dall-e-|gpt-image-)/, 'image'],
  [/^(?:tts-1|gpt-4o-mini-tts|gemini-.*-tts)/, 'speech'],
  [/^(?:whisper-1$|gpt-4o-(?:mini-)?transcribe)/, 'transcript'],
];

const made: Readonly<Record<ModelTask, string>> = {
  text: 'answers in text',
  image: 'images',
  video: 'videos',
  speech: 'speech',
  transcript: 'transcripts of audio',
};

const examples: Readonly<Record<ModelTask, readonly string[]>> = {
  text: ['gemini-2.5-flash', 'gpt-4o'],
  image: ['gemini-2.5-flash-image', 'imagen-4.0-generate-001', 'gpt-image-1'],
  video: ['veo-3.1-generate-preview', 'sora-2'],
  speech: ['gemini-2.5-flash-preview-tts', 'gpt-4o-mini-tts'],
  transcript: ['gemini-2.5-flash', 'whisper-1'],
};

/** What keeps a model from doing what a node asks of it, as far as that is known before it is called. */
export function checkModel(model: string, task: ModelTask, incoming: readonly ConnectedInput[]): ConfigFinding[] {
  if (model.trim() === '') return [{ field: 'model', message: 'No model is selected.' }];
  const wrong = wrongTask(model, task);
  return wrong.length > 0 ? wrong : refusedInputs(model, incoming);
}

/** Why a model does not do what a node asks of it, as far as that is known. */
function wrongTask(model: string, task: ModelTask): ConfigFinding[] {
  const other = makers.find(([pattern]) => pattern.test(plainName(model)))?.[1];
  if (other === undefined || other === task) return [];
  return [
    {
      field: 'model',
      message: `The model "${model}" makes ${made[other]}, and this node needs ${made[task]}. Choose a model for that, such as ${listed(examples[task])}.`,
    },
  ];
}

/** What of that which is connected a model is known not to take. Texts and data go along as text, whatever the model. */
function refusedInputs(model: string, connected: readonly ConnectedInput[]): ConfigFinding[] {
  const lacks = lacksByName(model);
  const refused = modelInputs.filter(
    (input) => lacks.includes(input) && connected.some((each) => inputOf(each) === input),
  );
  return refused.map((input) => ({
    field: 'model',
    message: `The model "${model}" cannot take ${words[input]}, but ${words[input]} ${input === 'audio' || input === 'video' ? 'is' : 'are'} connected. Disconnect ${input === 'audio' || input === 'video' ? 'it' : 'them'}, or choose a model that can, such as ${listed(takers[input])}.`,
  }));
}

function inputOf({ dataType, mimeType }: ConnectedInput): ModelInput | null {
  const { element } = partsOf(dataType);
  if (element === 'image' || element === 'audio' || element === 'video') return element;
  return element === 'file' && mimeType === 'application/pdf' ? 'pdf' : null;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** A model without whoever makes or serves it, in lower case. */
export function plainName(model: string): string {
  return model.trim().toLowerCase().split('/').at(-1) ?? '';
}
