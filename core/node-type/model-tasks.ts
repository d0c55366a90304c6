/** What a model is asked for: to write, to draw, to film, to speak, to listen. */
export const modelTasks = ['text', 'image', 'video', 'speech', 'transcript'] as const;
export type ModelTask = (typeof modelTasks)[number];

/** In order: the first pattern that a name fits says what the model does. Names are lower-case, without their makers. */
const known: readonly (readonly [RegExp, readonly ModelTask[]])[] = [
  [/^(?:veo|sora|kling|hailuo|seedance|ltx|mochi|cogvideo|wan[\d.-])|video|[ti]2v/, ['video']],
  [/^gemini.*-image/, ['image', 'text']],
  [/^(?:imagen|gpt-image|dall-e|flux|sdxl|stable-diffusion|seedream|ideogram|recraft)|-image(?:-|$)/, ['image']],
  [/(?:^|-)tts(?:-|$)|^(?:kokoro|orpheus|piper)/, ['speech']],
  [/whisper|transcribe|^(?:parakeet|canary)|(?:^|-)asr(?:-|$)/, ['transcript']],
  [/embed|rerank|moderation/, []],
  [/^gemini/, ['text', 'transcript']],
];

/** What a model does, by its name; undefined where that does not tell. */
export function tasksByName(model: string): readonly ModelTask[] | undefined {
  const name = model.toLowerCase().split('/').at(-1) ?? '';
  return known.find(([pattern]) => pattern.test(name))?.[1];
}
