import { parseArgs } from 'node:util';
import { startFakeGemini } from './fake-gemini.ts';

/*
 * The fake Gemini as a program, for browser tests and for trying things by hand:
 *
 *   npx tsx testing/fake-gemini-main.ts --port 4010 --chunk-delay-ms 80
 *
 * prints one line of JSON with its address and the key it takes. Start Heddle
 * with GEMINI_BASE_URL and GEMINI_API_KEY set to them. How to script it over
 * HTTP stands at FakeModelServer.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'api-key': { type: 'string', default: 'fake-gemini-key' },
    // A piece every 40 ms looks like a fast model.
    'chunk-delay-ms': { type: 'string', default: '40' },
  },
});

const server = await startFakeGemini({ apiKey: values['api-key'], port: Number(values.port) });
server.standing({ kind: 'answer', chunkDelayMs: Number(values['chunk-delay-ms']) });
process.stdout.write(`${JSON.stringify({ ready: true, url: server.url, apiKey: values['api-key'] })}\n`);

const stop = (): void => void server.stop();
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
