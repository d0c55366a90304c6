import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

/*
 * A server on 127.0.0.1 that speaks Gemini's wire format (v1beta) for all that templates ask of a model: text, answers of a
 * JSON schema, images, speech and transcripts. What it makes is real: PNG files, samples of a tone.
 */

export interface FakeStudio {
  /** Without a slash at the end. */
  readonly url: string;
  /** What was asked, oldest first: `text`, `json`, `image`, `speech`. */
  readonly asked: string[];
  stop(): Promise<void>;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Body {
  readonly generationConfig?: { readonly responseModalities?: readonly string[]; readonly responseJsonSchema?: Schema };
}

/** What the templates that come with the app have use for. */
export const templateAnswers = {
  /** By the names of the fields that they ask for. */
  fields: {
    segments: [
      { start: 0, end: 0.5, text: 'First words.' },
      { start: 0.5, end: 1.1, text: 'And more.' },
    ],
    starts: ['0', '0.5'],
    ends: ['0.5', '1.1'],
    srt: '1\n00:00:00,000 --> 00:00:01,000\nHallo\n',
    titles: ['The pier', 'The hall', 'Getting there'],
    sentences: ['It stays.', 'It opens first.', 'There is a tram.'],
  },
  /** Of what is spoken. */
  seconds: 2,
};

/** Samples a second of what it says. */
const rate = 24_000;

/**
 * `fields` are the values of an answer by their names, or what gives them one after another; others get a word,
 * a number or yes. Speech takes `seconds`. `text` is what it says where nothing else is
 * asked for, or gives that.
 */
export async function startFakeStudio({
  fields,
  seconds,
  apiKey,
  text = 'Some words.',
}: {
  readonly text?: string | (() => string);
  readonly fields: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly apiKey: string;
}): Promise<FakeStudio> {
  const asked: string[] = [];

  function valueOf(name: string, schema: Schema): unknown {
    if (Object.hasOwn(fields, name)) {
      const given = fields[name];
      return typeof given === 'function' ? (given as () => unknown)() : given;
    }
    if (schema.properties !== undefined) {
      return Object.fromEntries(Object.entries(schema.properties).map(([key, rules]) => [key, valueOf(key, rules)]));
    }
    if (schema.type === 'array') return [valueOf(name, schema.items ?? {})];
    if (schema.type === 'boolean') return true;
    return schema.type === 'number' || schema.type === 'integer' ? 1 : `some ${name}`;
  }

  async function partOf({ generationConfig = {} }: Body): Promise<object> {
    const { responseModalities = [], responseJsonSchema } = generationConfig;
    if (responseModalities.includes('IMAGE')) {
      asked.push('image');
      return { inlineData: { mimeType: 'image/png', data: (await picture(asked.length)).toString('base64') } };
    }
    if (responseModalities.includes('AUDIO')) {
      asked.push('speech');
      return { inlineData: { mimeType: `audio/L16;codec=pcm;rate=${rate}`, data: tone(seconds).toString('base64') } };
    }
    asked.push(responseJsonSchema === undefined ? 'text' : 'json');
    return {
      text:
        responseJsonSchema === undefined
          ? typeof text === 'string'
            ? text
            : text()
          : JSON.stringify(valueOf('', responseJsonSchema)),
    };
  }

  const server = createServer((request, response) => {
    void (async () => {
      const method = /^\/v1beta\/models\/([^:]+):(\w+)/.exec(request.url ?? '')?.[2];
      if (request.headers['x-goog-api-key'] !== apiKey) {
        response.writeHead(403).end('{}');
        return;
      }
      if (method === undefined) {
        const models = [
          { name: 'models/gemini-fake', displayName: 'Fake', supportedGenerationMethods: ['generateContent'] },
        ];
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ models }));
        return;
      }
      const part = await partOf(JSON.parse(await textOf(request)) as Body);
      const document = JSON.stringify({
        candidates: [{ content: { parts: [part], role: 'model' }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 5, totalTokenCount: 8 },
        modelVersion: 'gemini-fake',
      });
      const isStream = method === 'streamGenerateContent';
      response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
      response.end(isStream ? `data: ${document}\n\n` : document);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** One color, another one each time. */
function picture(number: number): Promise<Buffer> {
  const background = { r: (number * 67) % 256, g: (number * 131) % 256, b: 120 };
  return sharp({ create: { width: 320, height: 180, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Sixteen-bit samples of one channel. */
function tone(seconds: number): Buffer {
  const samples = Buffer.alloc(Math.round(seconds * rate) * 2);
  for (let at = 0; at < samples.length / 2; at += 1) {
    samples.writeInt16LE(Math.round(8_000 * Math.sin((at * 440 * 2 * Math.PI) / rate)), at * 2);
  }
  return samples;
}
