import { TerminalError } from '../../core/errors/app-error.ts';
import { isPortFree } from '../../embedded/free-port.ts';

const defaultPort = 3_000;
/** Ports looked at after the default one: more stacks on one machine are rare. */
const triedPorts = 20;

/**
 * The port for the server: the one asked for, which must be free, else 3000
 * or the next free one. Throws EMBEDDED_START_FAILED with what to do.
 */
export async function chooseHttpPort(wanted: number | null, host: string): Promise<number> {
  if (wanted !== null) {
    if (await isPortFree(wanted, host)) return wanted;
    throw new TerminalError(
      'EMBEDDED_START_FAILED',
      `Port ${wanted} on ${host} cannot be opened: another program listens there, or the address is not this machine's. Stop it, or use another port with PORT=${wanted + 1}.`,
    );
  }
  for (let port = defaultPort; port < defaultPort + triedPorts; port++) {
    if (await isPortFree(port, host)) return port;
  }
  throw new TerminalError(
    'EMBEDDED_START_FAILED',
    `None of the ports ${defaultPort}-${defaultPort + triedPorts - 1} on ${host} can be opened. Set PORT to a free one.`,
  );
}

/** The address under which a program on this machine reaches a server that listens on `host`. */
export function localAddress(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
