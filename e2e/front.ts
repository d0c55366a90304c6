import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface FrontOptions {
  /** Address of the server. */
  readonly to: string;
  /** The path that the app is under; default: the root. */
  readonly prefix?: string;
  /** Whether the path is cut off on the way. */
  readonly cutsOff?: boolean;
  /** Whether the server is told of the path. Default true. */
  readonly tells?: boolean;
}

export interface Front {
  /** Where the app is, with its path. */
  readonly url: string;
  /** Answers requests itself where it returns true. */
  answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | null;
  /** False: upgrades are dropped, and those that there are end. */
  passesUpgrades(passes: boolean): void;
  stop(): Promise<void>;
}

/** A proxy in front of a server, such as people have: it may sit on a path, and answer in the server's place. */
export async function startFront({ to, prefix = '', cutsOff = false, tells = true }: FrontOptions): Promise<Front> {
  const target = new URL(to);
  const upgraded = new Set<Socket>();
  let isPassing = true;
  const pathOf = (url = '/') => (cutsOff ? url.slice(prefix.length) || '/' : url);
  const headersOf = (request: IncomingMessage) => ({
    ...request.headers,
    'x-forwarded-host': request.headers.host ?? '',
    ...(tells && prefix !== '' && { 'x-forwarded-prefix': prefix }),
  });
  const server = createServer((request, response) => {
    if (front.answer?.(request, response) === true) {
      request.resume();
      return;
    }
    // Other programs live beside it.
    if (prefix !== '' && request.url !== prefix && request.url?.startsWith(`${prefix}/`) !== true) {
      request.resume();
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>');
      return;
    }
    const passed = forward(
      {
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: pathOf(request.url),
        headers: headersOf(request),
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on('error', () => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<h1>Bad gateway</h1>');
    });
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    if (!isPassing) {
      socket.destroy();
      return;
    }
    const behind = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(headersOf(request)).flatMap(([name, values]) =>
        [values ?? []].flat().map((value) => `${name}: ${value}`),
      );
      behind.write(`${request.method} ${pathOf(request.url)} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    behind.on('error', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const front: Front = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    answer: null,
    passesUpgrades: (passes) => {
      isPassing = passes;
      if (!passes) for (const socket of upgraded) socket.destroy();
    },
    stop: async () => {
      for (const socket of upgraded) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;
}
