import { createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { loopback } from '../../embedded/free-port.ts';

/*
 * The process that executes what Restate invokes: its arguments are the folder
 * with the packages and the port to listen on.
 */

/** How a run makes its steps: recorded one by one in its own handler, or each a call to a service. */
export type Step = 'inHandler' | 'byCall';

/** What is used of the package, which is not there when this is compiled. */
interface Sdk {
  service(definition: {
    name: string;
    handlers: Record<string, (context: Context, input: never) => Promise<unknown>>;
  }): object;
  createEndpointHandler(options: {
    services: readonly object[];
  }): (request: Http2ServerRequest, response: Http2ServerResponse) => void;
  RestatePromise: { all(promises: readonly PromiseLike<unknown>[]): PromiseLike<unknown> };
}

interface Context {
  run(name: string, action: () => string): PromiseLike<string>;
  serviceClient(service: { name: string }): { doNothing(input: string): PromiseLike<string> };
}

const [, , folder = '', port = ''] = process.argv;
const entry = createRequire(path.join(folder, 'package.json')).resolve('@restatedev/restate-sdk');
const sdk = (await import(pathToFileURL(entry).href)) as Sdk;

const steps = { name: 'steps' };
const byLayer =
  (step: (context: Context) => PromiseLike<unknown>) =>
  async (context: Context, { layers }: { layers: readonly number[] }) => {
    for (const nodes of layers) {
      const layer = Array.from({ length: nodes }, () => step(context));
      await (layer.length === 1 ? layer[0] : sdk.RestatePromise.all(layer));
    }
  };
const handlers: Record<Step, (context: Context, input: { layers: readonly number[] }) => Promise<void>> = {
  inHandler: byLayer((context) => context.run('step', () => 'done')),
  byCall: byLayer((context) => context.serviceClient(steps).doNothing('done')),
};
const services = [
  sdk.service({ name: steps.name, handlers: { doNothing: async (_context, input) => input } }),
  sdk.service({ name: 'runs', handlers }),
];
createServer(sdk.createEndpointHandler({ services })).listen(Number(port), loopback, () => console.log('ready'));
