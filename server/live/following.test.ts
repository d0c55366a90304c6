import { expect, test } from '@jest/globals';
import { createFollowing } from './following.ts';
import { createPlaces } from '../limits/places.ts';

test('security case 16: what is asked for counts before it is followed, and no more when that fails', () => {
  const following = createFollowing(3);
  const ended: string[] = [];
  following.follow('a', 'mine', () => ended.push('a'));
  const [b, c] = [following.claim('b'), following.claim('c')];
  expect(following.claim('d')).toBeNull();
  // The same thing twice takes one place.
  expect(following.claim('a')).not.toBeNull();
  b?.();
  expect(following.claim('d')).not.toBeNull();
  following.follow('c', 'mine', () => ended.push('c'));
  // It is followed by now: nothing is left to give up.
  c?.();
  expect(following.claim('e')).toBeNull();
  expect([...following.followed()]).toEqual([
    ['a', 'mine'],
    ['c', 'mine'],
  ]);
  following.follow('a', 'mine', () => ended.push('a again'));
  expect(ended).toEqual(['a']);
  following.end();
  expect(ended.toSorted()).toEqual(['a', 'a again', 'c']);
  expect(following.followed().size).toBe(0);
});

test('security case 16: a place is given up once, whoever says so twice', () => {
  const places = createPlaces(2);
  const [first] = [places.take('user'), places.take('user')];
  expect(places.take('user')).toBeNull();
  expect(places.take('other')).not.toBeNull();
  first?.();
  first?.();
  expect(places.take('user')).not.toBeNull();
  expect(places.take('user')).toBeNull();
});
