import { expect, test } from '@jest/globals';
import { tasksByName } from './model-tasks.ts';

test.each<[string, readonly string[] | undefined]>([
  ['veo-3.1-generate-preview', ['video']],
  ['openai/sora-2-pro', ['video']],
  ['Wan-AI/Wan2.2-T2V-A14B', ['video']],
  ['wan2.5-i2v-preview', ['video']],
  ['gemini-2.5-flash-image', ['image', 'text']],
  ['imagen-4.0-generate-001', ['image']],
  ['gpt-image-1', ['image']],
  ['black-forest-labs/FLUX.1-schnell', ['image']],
  ['qwen-image-edit', ['image']],
  ['gemini-2.5-flash-preview-tts', ['speech']],
  ['tts-1-hd', ['speech']],
  ['gpt-4o-mini-transcribe', ['transcript']],
  ['openai/whisper-large-v3', ['transcript']],
  ['text-embedding-3-small', []],
  ['gemini-2.5-pro', ['text', 'transcript']],
  ['gpt-5', undefined],
  ['llama-9', undefined],
  ['wanderer-7b', undefined],
])('%s', (name, tasks) => {
  expect(tasksByName(name)).toEqual(tasks);
});
