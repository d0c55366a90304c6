import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { jsonLimits } from '../limits/limits.ts';
import { countBody, createBodyRoom, type BodyOwner, type BodyPlace } from './body-room.ts';
import { readBytes } from './json-body.ts';

const limits = { maxBytes: 100, maxBytesPerUser: 60, maxBytesOfStrangers: 50, maxBytesPerNetwork: 30, freeBytes: 10 };

function tried(place: BodyPlace, bytes: number): string {
  try {
    place.take(bytes);
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test('attack 22: bodies of one user, and of all, take so much memory together; small ones always find room', () => {
  const room = createBodyRoom(limits);
  const ofUser = (userId: string) => room.open({ userId });
  const [ada, alsoAda, bob] = [ofUser('ada'), ofUser('ada'), ofUser('bob')];
  expect([tried(ada, 40), tried(ada, 25), tried(alsoAda, 11), tried(alsoAda, 10)]).toEqual([
    'taken',
    'taken',
    'taken',
    'RATE_LIMITED',
  ]);
  // Others have room beside one who takes all that one may.
  expect(tried(bob, 54)).toBe('taken');
  expect(tried(ofUser('eve'), 11)).toBe('RATE_LIMITED');
  expect(tried(ofUser('eve'), 10)).toBe('taken');
  ada.close();
  ada.close();
  expect(tried(ofUser('eve'), 64)).toBe('taken');
});

test('attack 22: whoever is not signed in leaves room for users, and one network for others', () => {
  const room = createBodyRoom(limits);
  const of = (network: string): BodyOwner => ({ network });
  expect([tried(room.open(of('a')), 40), tried(room.open(of('a')), 11)]).toEqual(['taken', 'RATE_LIMITED']);
  expect([tried(room.open(of('b')), 30), tried(room.open(of('c')), 11)]).toEqual(['taken', 'RATE_LIMITED']);
  expect(tried(room.open({ userId: 'ada' }), 60)).toBe('taken');
});

test('attack 22: a body that finds no room is refused while it comes', async () => {
  const request = Object.assign(new PassThrough(), { headers: {} }) as unknown as IncomingMessage & PassThrough;
  countBody(request, createBodyRoom(limits).open({ userId: 'ada' }));
  const reading = readBytes(request, jsonLimits).catch((error: { code: string }) => error.code);
  request.write(Buffer.alloc(70));
  request.write(Buffer.alloc(1));
  expect(await reading).toBe('RATE_LIMITED');
});
