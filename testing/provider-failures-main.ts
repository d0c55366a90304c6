import { createGeminiProvider } from '../providers/gemini.ts';
import { createOpenAiCompatibleProvider } from '../providers/openai-compatible.ts';
import { defaultCallLimits } from '../providers/provider.ts';
import { startFakeGemini } from './fake-gemini.ts';
import { startFakeOpenAi } from './fake-openai.ts';
import type { FakeStep } from './fake-steps.ts';

/*
 * Lets every way of failing happen once in a process of its own, where Node
 * ends the process with a status other than 0 at the first unhandled rejection.
 * Prints the number of calls that failed as they should.
 */
const limits = { ...defaultCallLimits, firstByteMs: 100, totalMs: 200, maxOutputBytes: 4096 };
const gemini = await startFakeGemini({ apiKey: 'right' });
const openAi = await startFakeOpenAi({ apiKey: 'right' });
const adapters = [
  {
    fake: gemini,
    provider: createGeminiProvider({ apiKey: 'right', baseUrl: gemini.url, models: [], limits, now: () => Date.now() }),
  },
  {
    fake: openAi,
    provider: createOpenAiCompatibleProvider({
      apiKey: 'right',
      baseUrl: openAi.url,
      models: [],
      limits,
      now: () => Date.now(),
    }),
  },
];
const steps: readonly FakeStep[] = [
  { kind: 'error', status: 500 },
  { kind: 'cut' },
  { kind: 'cut', chunks: ['a', 'b'] },
  { kind: 'hang' },
  { kind: 'hang', chunks: ['a'] },
  { kind: 'endless', chunk: 'abc' },
  { kind: 'blocked' },
  { kind: 'events', events: ['{"garbage'] },
  { kind: 'events', events: ['null'] },
  { kind: 'raw', contentType: 'text/html', body: '<html>' },
  { kind: 'answer', chunks: [] },
];

let failed = 0;
async function fail(adapter: (typeof adapters)[number], step: FakeStep, signal: AbortSignal): Promise<void> {
  adapter.fake.script(step);
  await adapter.provider
    .generate(
      { model: 'gemini-fake', userMessage: 'hello', images: [], idempotencyKey: 'one' },
      { signal, onDelta: () => undefined },
    )
    .catch(() => (failed += 1));
}

for (const adapter of adapters) {
  for (const step of steps) await fail(adapter, step, new AbortController().signal);
  for (const step of [{ kind: 'hang' }, { kind: 'hang', chunks: ['a'] }] satisfies FakeStep[]) {
    await fail(adapter, step, AbortSignal.timeout(50));
  }
  await adapter.fake.stop();
}
// A rejection is reported at the end of the turn in which it happened; let some turns pass.
for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
process.stdout.write(`${failed}\n`);
