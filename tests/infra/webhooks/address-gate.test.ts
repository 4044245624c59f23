import { expect, test } from 'vitest';
import { createAddressGate } from '../../../src/infra/webhooks/address-gate.ts';

const gate = createAddressGate();

test.each([
  ['1.1.1.1', 'a public address'],
  ['8.8.8.8', 'a public address'],
  ['93.184.216.34', 'a public address'],
  ['100.63.255.255', 'just below carrier-grade NAT'],
  ['100.128.0.0', 'just above carrier-grade NAT'],
  ['172.15.255.255', 'just below a private network'],
  ['172.32.0.0', 'just above a private network'],
  ['169.253.255.255', 'just below link-local'],
  ['223.255.255.255', 'just below multicast'],
  ['2606:4700:4700::1111', 'a public IPv6 address'],
  ['2a00:1450:4001:82a::200e', 'a public IPv6 address'],
])('%s is public: %s', (address) => {
  expect(gate.judge(address)).toBe('public');
});

test.each([
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'this network'],
  ['10.0.0.1', 'private'],
  ['10.255.255.255', 'private'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['100.127.255.255', 'carrier-grade NAT'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['169.254.169.254', 'the metadata of clouds'],
  ['169.254.170.2', 'the credentials of containers'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.0.0.8', 'protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', '6to4 relays'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'benchmarks'],
  ['198.19.255.255', 'benchmarks'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback, written out'],
  ['::ffff:127.0.0.1', 'loopback, mapped'],
  ['::ffff:a9fe:a9fe', 'the metadata of clouds, mapped'],
  ['::ffff:8.8.8.8', 'a public address, mapped: nobody publishes such'],
  ['::127.0.0.1', 'IPv4-compatible'],
  ['64:ff9b::7f00:1', 'loopback behind NAT64'],
  ['64:ff9b::808:808', 'NAT64'],
  ['64:ff9b:1::a00:1', 'local NAT64'],
  ['100::1', 'discard only'],
  ['2001::1', 'Teredo'],
  ['2001:10::1', 'ORCHID'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::1', 'loopback behind 6to4'],
  ['3fff::1', 'documentation'],
  ['5f00::1', 'segment routing'],
  ['fc00::1', 'unique local'],
  ['fd12:3456:789a::1', 'unique local'],
  ['fd00:ec2::254', 'the metadata of a cloud'],
  ['fe80::1', 'link-local'],
  ['fe80::1%lo', 'link-local, with a zone'],
  ['2606:4700::1%eth0', 'a zone'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['localhost', 'a name'],
  ['1.1.1', 'no address'],
  ['', 'nothing'],
])('%s is closed: %s', (address) => {
  expect(gate.judge(address)).toBe('closed');
});

test('an operator opens networks, and nothing beside them', () => {
  const opened = createAddressGate(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1/32']);

  expect(
    ['10.1.255.255', 'fd00:1::7', '127.0.0.1', '::ffff:127.0.0.1'].map((address) => opened.judge(address)),
  ).toEqual(['allowed', 'allowed', 'allowed', 'allowed']);
  expect(
    ['10.2.0.1', 'fd00:2::7', '127.0.0.2', '::1', '::ffff:127.0.0.2', '169.254.169.254'].map((address) =>
      opened.judge(address),
    ),
  ).toEqual(['closed', 'closed', 'closed', 'closed', 'closed', 'closed']);
  expect(opened.judge('8.8.8.8')).toBe('public');
});
