import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createPlaces } from './limits/places.ts';
import { networksOf } from './limits/networks.ts';
import { httpLimits } from './limits/limits.ts';

/** An HTTP server that stops in order. */
export interface HttpListener {
  readonly server: Server;
  /** Takes the port and returns the one that was taken (of interest for port 0). */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connections, waits for requests under way for `graceMs` at most, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

/** Overdue headers and requests are looked for this often; Node's own 30 s would let them sit far too long. */
const overdueCheckMs = 2_000;

/** An HTTP server with the limits that keep slow and oversized clients from holding it up. */
export function createHttpListener(
  onRequest: RequestListener,
  { isBehindProxy }: { readonly isBehindProxy: boolean },
): HttpListener {
  const server = createServer(
    {
      maxHeaderSize: httpLimits.maxHeaderBytes,
      headersTimeout: httpLimits.headersTimeoutMs,
      requestTimeout: httpLimits.requestTimeoutMs,
      keepAliveTimeout: httpLimits.keepAliveTimeoutMs,
      connectionsCheckingInterval: overdueCheckMs,
    },
    onRequest,
  );
  server.maxConnections = httpLimits.maxConnections;
  if (!isBehindProxy) limitPerAddress(server);
  server.on('clientError', refuse);
  return {
    server,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    stop: async (graceMs) => {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Closes connections of an address, or of an IPv6 network, that has too many: an idle one costs little, thousands of them do. */
function limitPerAddress(server: Server): void {
  const narrow = createPlaces(httpLimits.maxConnectionsPerAddress);
  const wide = createPlaces(httpLimits.maxConnectionsPerWideNetwork);
  server.on('connection', (socket) => {
    const [near, far] = networksOf(socket.remoteAddress ?? '');
    const leave = narrow.take(near!.key);
    const leaveWide = leave === null || far === undefined ? leave : wide.take(far.key);
    socket.once('close', () => {
      leave?.();
      leaveWide?.();
    });
    if (leave === null || leaveWide === null) socket.destroy();
  });
}

/** Answers what never became a request: headers too large (431), too slow (408), or no HTTP at all (400). */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
