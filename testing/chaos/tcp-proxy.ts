import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A bad network between a service and whoever uses it. */
export interface TcpProxy {
  readonly port: number;
  /** Every piece of data arrives so much later, in both directions. */
  setDelay(ms: number): void;
  /** Nothing goes through these connections any more, and nobody is told: the other side has vanished. */
  freeze(chosen: () => boolean): number;
  /** For this long all that is asked arrives and no answer does; then every connection breaks. */
  loseAnswers(ms: number): Promise<void>;
  /** Breaks every connection. */
  cut(): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly service: Socket;
  isFrozen: boolean;
}

/** Listens on a port of its own and passes on to `target` of this machine. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let delayMs = 0;
  let losesAnswers = false;

  const server = createServer((client) => {
    const service = connect(target, '127.0.0.1');
    const pair: Pair = { client, service, isFrozen: false };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      service.destroy();
    };
    pass(pair, client, service);
    pass(pair, service, client);
    for (const socket of [client, service]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      // A frozen connection stays open to its user whatever happens behind it.
      socket.on('close', () => {
        if (!pair.isFrozen || socket === client) end();
      });
    }
  });

  function pass(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (data) => {
      if (pair.isFrozen || (losesAnswers && from === pair.service)) return;
      // Timers of one length fire in the order they were set.
      if (delayMs === 0) to.write(data);
      else setTimeout(() => to.destroyed || to.write(data), delayMs);
    });
  }

  function cut(): void {
    for (const { client, service } of pairs) {
      client.destroy();
      service.destroy();
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    setDelay: (ms) => {
      delayMs = ms;
    },
    freeze: (chosen) => {
      const frozen = [...pairs].filter((pair) => !pair.isFrozen && chosen());
      for (const pair of frozen) pair.isFrozen = true;
      return frozen.length;
    },
    loseAnswers: async (ms) => {
      losesAnswers = true;
      await sleep(ms);
      cut();
      losesAnswers = false;
    },
    cut,
    stop: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
