import { expect, test } from '@jest/globals';
import { networksOf } from './networks.ts';

const keysOf = (address: string) => networksOf(address).map(({ key }) => key);

test.each([
  ['192.0.2.7', ['192.0.2.7']],
  ['::ffff:192.0.2.7', ['192.0.2.7']],
  ['::FFFF:c000:207', ['192.0.2.7']],
  ['64:ff9b::192.0.2.7', ['192.0.2.7']],
  ['192.0.2.7:50312', ['192.0.2.7']],
  ['2001:db8:1:2::1', ['2001:db8:1:2::/64', '2001:db8:1::/48']],
  ['2001:0DB8:0001:0002:aaaa:bbbb:cccc:dddd', ['2001:db8:1:2::/64', '2001:db8:1::/48']],
  ['[2001:db8:1:2::9]:443', ['2001:db8:1:2::/64', '2001:db8:1::/48']],
  ['::1', ['::/64', '::/48']],
  ['fe80::1%eth0', ['fe80::/64', 'fe80::/48']],
  ['unknown', ['unknown']],
  ['x'.repeat(100), ['x'.repeat(64)]],
])('security case 9: %s counts for %j', (address, keys) => {
  expect(keysOf(address)).toEqual(keys);
});

test('security case 9: neighbors in one /64 are one, those in one /48 share a higher limit, others share nothing', () => {
  const [one, neighbor, street, town] = [
    '2001:db8:1:2::1',
    '2001:db8:1:2:ffff::',
    '2001:db8:1:3::1',
    '2001:db8:2::1',
  ].map(keysOf);
  expect(neighbor).toEqual(one);
  expect(street![0]).not.toBe(one![0]);
  expect(street![1]).toBe(one![1]);
  expect(town!.filter((key) => one!.includes(key))).toEqual([]);
  expect(networksOf('2001:db8::1').map(({ share }) => share)).toEqual([1, 8]);
});
