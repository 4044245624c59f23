import { BlockList, isIP } from 'node:net';

/** Says whether requests may go to an address, and whether it is one that only the operator's permission opens. */
export type AddressGate = {
  /** `public`, `allowed` by the operator, or `closed`. */
  judge(address: string): 'public' | 'allowed' | 'closed';
};

/** IPv4 that is not the public internet (IANA IPv4 Special-Purpose Address Registry; multicast; reserved). */
const closed4 = [
  '0.0.0.0/8', // this network (RFC 791)
  '10.0.0.0/8', // private (RFC 1918)
  '100.64.0.0/10', // carrier-grade NAT (RFC 6598)
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, where clouds keep their metadata (RFC 3927)
  '172.16.0.0/12', // private (RFC 1918)
  '192.0.0.0/24', // protocol assignments (RFC 6890)
  '192.0.2.0/24', // documentation (RFC 5737)
  '192.31.196.0/24', // AS112 (RFC 7535)
  '192.52.193.0/24', // AMT (RFC 7450)
  '192.88.99.0/24', // 6to4 relays (RFC 7526)
  '192.168.0.0/16', // private (RFC 1918)
  '192.175.48.0/24', // AS112 (RFC 7534)
  '198.18.0.0/15', // benchmarks (RFC 2544)
  '198.51.100.0/24', // documentation (RFC 5737)
  '203.0.113.0/24', // documentation (RFC 5737)
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and the limited broadcast
];

/**
 * The public internet of IPv6. Outside of it are loopback, unique local, link-local and multicast addresses, and those
 * that wrap an IPv4 one (mapped, NAT64): what is not in here is closed without being named.
 */
const global6 = '2000::/3';

/** What is closed within it (IANA IPv6 Special-Purpose Address Registry). */
const closed6 = [
  '2001::/23', // protocol assignments, Teredo and ORCHID among them (RFC 2928)
  '2001:db8::/32', // documentation (RFC 3849)
  '2002::/16', // 6to4, which wraps an IPv4 address (RFC 3056)
  '2620:4f:8000::/48', // AS112 (RFC 7534)
  '3fff::/20', // documentation (RFC 9637)
];

/** A gate to the public internet, and to some networks more that the operator names in CIDR notation. */
export function createAddressGate(allowedNetworks: readonly string[] = []): AddressGate {
  const allowed = listOf(allowedNetworks);
  const closed = listOf([...closed4, ...closed6]);
  const global = listOf([global6]);
  return {
    judge(address) {
      const family = isIP(address);
      // A zone (`fe80::1%eth0`) names an interface of this machine.
      if (family === 0 || address.includes('%')) return 'closed';
      const kind = family === 4 ? 'ipv4' : 'ipv6';
      if (allowed.check(address, kind)) return 'allowed';
      if (closed.check(address, kind)) return 'closed';
      return family === 4 || global.check(address, kind) ? 'public' : 'closed';
    },
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length = ''] = network.split('/');
    list.addSubnet(address, Number(length), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
