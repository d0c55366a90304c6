import { describe, expect, test } from '@jest/globals';
import { checkModel, lacksByName, modelInputs } from './model-abilities.ts';

describe('what a model is known not to take', () => {
  test.each<[string, readonly string[]]>([
    ['gemini-2.5-flash', []],
    ['gemini/gemini-3.1-pro-preview', []],
    ['gemini-2.5-flash-image', ['audio', 'video']],
    ['gemini-2.5-flash-preview-tts', modelInputs],
    ['openai/gpt-4o', ['audio', 'video']],
    ['gpt-4o-audio-preview', ['image', 'video', 'pdf']],
    ['gpt-3.5-turbo-0125', modelInputs],
    ['gpt-4', modelInputs],
    ['o3-mini', modelInputs],
    ['meta-llama/Llama-3.1-8B-Instruct', modelInputs],
    ['llama3.1:8b', modelInputs],
    ['deepseek-r1:70b', modelInputs],
    ['anthropic/claude-sonnet-4.5', ['audio', 'video']],
    // Not known, or others than those of the name before it.
    ['llama-9', []],
    ['gpt-7', []],
    ['gpt-5.9', []],
    ['gpt-4o-realtime-preview', []],
    ['Qwen/Qwen3-VL-8B-Instruct', []],
    ['qwen3.5-plus', []],
    ['qwen2.5-omni-7b', []],
    ['llama-3-vision-alpha', []],
    ['kimi-k2.5', []],
    ['glm-4.5v', []],
    ['gemini-9-flash', []],
    ['my-own-model', []],
    ['', []],
  ])('%s', (name, lacks) => expect(lacksByName(name)).toEqual(lacks));
});

describe('before a run', () => {
  const from = (
    dataType: 'image' | 'audio' | 'list<video>' | 'file' | 'any' | 'text',
    mimeType: string | null = null,
  ) => ({
    input: 'files',
    dataType,
    mimeType,
  });
  const said = (...given: Parameters<typeof checkModel>) => checkModel(...given).map(({ message }) => message);

  test('it says what of that which is connected the model cannot take, and which models can', () => {
    expect(said('gpt-4o', 'text', [from('image'), from('audio')])).toEqual([
      'The model "gpt-4o" cannot take audio, but audio is connected. Disconnect it, or choose a model that can, such as gemini-2.5-flash, gemini-2.5-pro or gpt-4o-audio-preview.',
    ]);
    expect(said('llama-3.1-8b', 'text', [from('list<video>'), from('file', 'application/pdf')])).toEqual([
      expect.stringContaining('cannot take video'),
      expect.stringContaining('cannot take PDFs, but PDFs are connected. Disconnect them'),
    ]);
  });

  test('it says what a model is for that does something else', () => {
    expect(said('veo-3.1-generate-preview', 'text', [])).toEqual([
      'The model "veo-3.1-generate-preview" makes videos, and this node needs answers in text. Choose a model for that, such as gemini-2.5-flash or gpt-4o.',
    ]);
    expect(said('openai/whisper-1', 'speech', [])).toHaveLength(1);
    expect(said('veo-3.1-generate-preview', 'video', [])).toEqual([]);
    // Structured answers are asked for in words where a model knows no other way, so every model that writes can give them.
    expect(
      said('gemini-2.5-flash', 'text', [from('audio'), from('list<video>'), from('file', 'application/pdf')]),
    ).toEqual([]);
  });

  test('what is not known is never refused: models, values of any type, documents, and text in any form', () => {
    expect(said('llama-9', 'text', [from('image'), from('audio')])).toEqual([]);
    expect(said('my-video-model', 'text', [])).toEqual([]);
    expect(said('gpt-3.5-turbo', 'text', [from('any'), from('text'), from('file'), from('file', 'text/csv')])).toEqual(
      [],
    );
    expect(said(' ', 'image', [])).toEqual(['No model is selected.']);
  });
});
