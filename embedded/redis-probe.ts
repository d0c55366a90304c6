import { createConnection } from 'node:net';
import { loopback } from './free-port.ts';
import { ProbeRefused } from './service-process.ts';

/** A Redis on this machine answers in well under a millisecond. */
const answerTimeoutMs = 2_000;

/**
 * Asks the Redis on `port` whether it works with `password`. Rejects while it
 * is not reachable or still loading; with ProbeRefused when the password is wrong.
 */
export function probeRedis(port: number, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: loopback, port, timeout: answerTimeoutMs });
    let answer = '';
    const settle = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.once('error', settle);
    socket.once('close', () => settle(new Error('it closed the connection.')));
    socket.once('timeout', () => settle(new Error(`it did not answer within ${answerTimeoutMs} ms.`)));
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.includes('+PONG\r\n')) settle();
      else if (answer.startsWith('-WRONGPASS')) settle(new ProbeRefused('it does not accept its password.'));
      else if (answer.split('\r\n').length > 2) settle(new Error(answer.trim()));
    });
  });
}
