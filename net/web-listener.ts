import type { Socket } from 'node:net';
import { Agent, buildConnector, WebSocket } from 'undici';
import { defaultFetchLimits } from '../core/limits.ts';
import type { WebTools } from '../core/node-type/web-tools.ts';
import { pinnedLookup } from './pinned-lookup.ts';
import { checkedUrl, requireHosts, type WebRequesterDependencies } from './request-address.ts';
import { resolveAllowed } from './resolve-host.ts';

/** Of one message: longer ones end the connection. Pictures that come in between are smaller. */
const maxMessageBytes = 4 * 1_048_576;

/** Listens as `WebTools` says: to checked addresses alone, and to the end of a connection it leaves nothing open. */
export function createWebListener({
  rules,
  resolve,
  limits: given,
  userAgent = 'Heddle',
}: WebRequesterDependencies): WebTools['listen'] {
  const limits = { ...defaultFetchLimits, ...given };
  return async (request, { forMs, signal }, onText) => {
    signal.throwIfAborted();
    const url = checkedUrl(request, rules);
    requireHosts(url, request);
    const addresses = await resolveAllowed(url, { rules, resolve, signal });
    const connections: Socket[] = [];
    const connect = buildConnector({
      timeout: limits.connectTimeoutMs,
      lookup: pinnedLookup(addresses),
      autoSelectFamily: true,
    });
    const dispatcher = new Agent({
      webSocket: { maxPayloadSize: maxMessageBytes },
      connect: (options, done) =>
        connect(options, (...made) => {
          if (made[1] !== null) connections.push(made[1]);
          done(...made);
        }),
    });
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, {
      dispatcher,
      headers: Object.fromEntries([['user-agent', userAgent], ...request.headers]),
    });
    // What is no text comes whole, and not as a file.
    socket.binaryType = 'arraybuffer';
    let timer: NodeJS.Timeout | undefined;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolveEnd) => {
      end = resolveEnd;
    });
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string' && !onText(data)) end();
    });
    socket.addEventListener('close', end);
    socket.addEventListener('error', end);
    signal.addEventListener('abort', end);
    timer = setTimeout(end, forMs);
    try {
      await ended;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      socket.close();
      // Whoever does not answer the goodbye would hold the connection.
      for (const connection of connections) connection.destroy();
      await dispatcher.destroy();
    }
    signal.throwIfAborted();
  };
}
