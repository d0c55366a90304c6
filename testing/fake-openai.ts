import { FakeModelServer } from './fake-model-server.ts';
import type { FakeImage, FakeUsage, FakeWire } from './fake-steps.ts';
import { readFakeImage } from './play-fake-step.ts';

export interface FakeOpenAiOptions {
  /** The key that is taken as right. Default: none is asked for. */
  readonly apiKey?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Ids of the list of models. */
  readonly models?: readonly string[];
}

/** Starts a server that speaks OpenAI's chat completions under `/v1`. Stop it in `afterAll`. */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeModelServer> {
  const server = new FakeModelServer(openAiWire(options));
  await server.start(options.port);
  return server;
}

type WireContent = string | readonly { readonly text?: string; readonly image_url?: { readonly url: string } }[];

interface WireBody {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content: WireContent }[];
}

function openAiWire({ apiKey, models = ['fake-model'] }: FakeOpenAiOptions): FakeWire {
  return {
    normalFinish: 'stop',
    badKey: {
      kind: 'error',
      status: 401,
      message: `Incorrect API key provided.`,
      reason: 'invalid_api_key',
    },
    isKeyRight: (headers) => apiKey === undefined || headers.authorization === `Bearer ${apiKey}`,

    readPrompt(url, body) {
      if (url.pathname !== '/v1/chat/completions') return null;
      const { model = '', stream = false, messages = [] } = (body ?? {}) as WireBody;
      const contents = (role: string): WireContent[] =>
        messages.filter((message) => message.role === role).map(({ content }) => content);
      return {
        model,
        stream,
        system: contents('system').map(textOf).join(''),
        user: contents('user').map(textOf).join(''),
        images: contents('user').flatMap(imagesOf),
      };
    },

    otherBody: (url) =>
      url.pathname === '/v1/models' ? { object: 'list', data: models.map((id) => ({ id, object: 'model' })) } : null,

    textEvent: (prompt, text, isThought) => ({
      id: 'fake',
      object: 'chat.completion.chunk',
      model: prompt.model,
      choices: [{ index: 0, delta: isThought ? { reasoning_content: text } : { content: text }, finish_reason: null }],
    }),

    endEvents: (prompt, finishReason, usage) => {
      const head = { id: 'fake', object: 'chat.completion.chunk', model: prompt.model };
      return [
        ...(finishReason === null
          ? []
          : [{ ...head, choices: [{ index: 0, delta: {}, finish_reason: finishReason }] }]),
        ...(usage === null ? [] : [{ ...head, choices: [], usage: wireUsage(usage) }]),
        ...(finishReason === null ? [] : ['[DONE]']),
      ];
    },

    blockedEvents: (prompt, reason = 'content_filter') => [
      { id: 'fake', model: prompt.model, choices: [{ index: 0, delta: {}, finish_reason: reason }] },
      '[DONE]',
    ],

    document: (prompt, text, finishReason, usage) => ({
      id: 'fake',
      object: 'chat.completion',
      model: prompt.model,
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: finishReason }],
      ...(usage === null ? {} : { usage: wireUsage(usage) }),
    }),

    errorBody: ({ message = 'The fake failed as scripted.', reason, param }) => ({
      error: { message, type: 'fake_error', param: param ?? null, code: reason ?? null },
    }),
  };
}

function textOf(content: WireContent): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('');
}

function imagesOf(content: WireContent): FakeImage[] {
  if (typeof content === 'string') return [];
  return content.flatMap(({ image_url: image }) => {
    const match = /^data:([^;]+);base64,(.*)$/.exec(image?.url ?? '');
    return match === null ? [] : [readFakeImage(match[1] ?? '', match[2] ?? '')];
  });
}

function wireUsage({ inputTokens, outputTokens, thinkingTokens = 0 }: FakeUsage): object {
  const completion = outputTokens + thinkingTokens;
  return { prompt_tokens: inputTokens, completion_tokens: completion, total_tokens: inputTokens + completion };
}
