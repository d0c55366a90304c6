import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, loopback } from '../../embedded/free-port.ts';
import type { Shape } from '../shapes.ts';
import { post, startMany, type Peer } from './peer.ts';
import type { Packages } from './packages.ts';
import { startProgram, type Program } from './program.ts';
import type { Step } from './restate-endpoint.ts';

export const restatePackages: Packages = {
  name: 'restate',
  // Its library needs a newer Node than this project does.
  packages: ['node@24.9.0', '@restatedev/restate-server@1.7.12', '@restatedev/restate-sdk@1.17.2'],
  scriptsOf: ['node'],
};

/** Restate as one node, with one process that executes; both ways of making a step of a run. */
export async function createRestate(options: {
  readonly folder: string;
  readonly searchPath: string;
  readonly dataDir: string;
}): Promise<readonly [Peer, Peer]> {
  const { folder, searchPath, dataDir } = options;
  const home = path.join(dataDir, randomUUID());
  await mkdir(home);
  const [ingress, admin, fabric, endpoint] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const binary = `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
  const programs: Program[] = [];
  const stop = async () => {
    for (const program of programs.splice(0).toReversed()) await program.stop();
  };
  try {
    const server = startProgram(path.join(folder, binary), ['--base-dir', home], {
      home,
      searchPath,
      env: {
        // Nothing is told outside. That it asks for its latest release when it starts cannot be turned off.
        DO_NOT_TRACK: '1',
        RESTATE_ADMIN__DISABLE_WEB_UI: 'true',
        RESTATE_LISTEN_MODE: 'tcp',
        RESTATE_BIND_IP: loopback,
        RESTATE_BIND_ADDRESS: `${loopback}:${fabric}`,
        RESTATE_INGRESS__BIND_ADDRESS: `${loopback}:${ingress}`,
        RESTATE_ADMIN__BIND_ADDRESS: `${loopback}:${admin}`,
        RESTATE_LOG_FILTER: 'error',
      },
    });
    programs.push(server);
    const program = startProgram(
      path.join(folder, 'node_modules/.bin/node'),
      [fileURLToPath(new URL(`./restate-endpoint.js`, import.meta.url)), folder, String(endpoint)],
      { home, searchPath },
    );
    programs.push(program);
    await program.waitUntil((output) => output.includes('ready'));
    const answers = async (port: number, where: string) =>
      (await fetch(`http://${loopback}:${port}${where}`).catch(() => undefined))?.ok === true;
    await server.waitUntil(
      async () => (await answers(admin, '/health')) && (await answers(ingress, '/restate/health')),
    );
    await post(`http://${loopback}:${admin}/deployments`, { uri: `http://${loopback}:${endpoint}` });
  } catch (error) {
    await stop();
    throw error;
  }

  const peer = (name: string, step: Step): Peer => {
    const start = (shape: Shape) => post(`http://${loopback}:${ingress}/runs/${step}`, { layers: layersOf(shape) });
    return {
      name,
      settings: 'one node and one endpoint process as installed, steps of one layer at once',
      runOnce: async (shape) => {
        await start(shape);
      },
      runMany: (shape, count) => startMany(count, () => start(shape)),
      stop,
    };
  };
  return [peer('Restate, steps in the handler', 'inHandler'), peer('Restate, each step a call', 'byCall')];
}

/** How many nodes wait for nothing, then how many for those, and so on: in these shapes a node waits for all of them. */
function layersOf({ graph }: Shape): number[] {
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const before = graph.edges.filter(({ target }) => target === id).map(({ source }) => depthOf(source) + 1);
    const depth = Math.max(0, ...before);
    depths.set(id, depth);
    return depth;
  };
  const layers: number[] = [];
  for (const { id } of graph.nodes) layers[depthOf(id)] = (layers[depthOf(id)] ?? 0) + 1;
  return layers;
}
