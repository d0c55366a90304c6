import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { resolveAssetInputs, textInput } from '../../../core/node-type/inputs.ts';
import { llmNode } from './definition.ts';

/** Streams the answer and reports usage, model and provider. Throws INPUT_MISSING, TYPE_MISMATCH and PROVIDER_*. */
export const llmExecutor = defineExecutor(llmNode, async (context) => {
  const { config, inputs, assets, signal } = context;
  // A connected handle wins over the field, also where it carries empty text.
  const systemPrompt = textInput(inputs, 'system_prompt') ?? config.systemPrompt;
  const userMessage = textInput(inputs, 'user_message') ?? config.userMessage ?? '';
  if (userMessage.trim() === '') {
    throw new TerminalError(
      'INPUT_MISSING',
      'The user message is empty, so there is nothing to ask. Fill in "User message", or check the text that is connected.',
      { details: { field: 'userMessage', handle: 'user_message' } },
    );
  }

  const images: { file: string; mimeType: string }[] = [];
  for (const asset of await resolveAssetInputs(context, 'images', 'image')) {
    images.push({ file: await assets.localFile(asset), mimeType: asset.mimeType });
  }
  signal.throwIfAborted();

  const answer = await context.models.generate(
    {
      model: config.model,
      systemPrompt,
      userMessage,
      images,
      temperature: config.temperature,
      maxOutputTokens: config.maxOutputTokens,
      idempotencyKey: context.idempotencyKey,
    },
    { signal, onDelta: (text) => context.delta(text) },
  );
  context.report?.({ usage: answer.usage ?? undefined, model: answer.model, provider: answer.provider });
  return { output: answer.text };
});
