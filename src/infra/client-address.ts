import proxyAddr from 'proxy-addr';

/** The address a request came from, given the socket's and the `X-Forwarded-For` header. */
export type FindClientAddress = (
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
) => string | null;

/**
 * Believes `X-Forwarded-For` from as many hops, or from those networks, as are trusted, and from nobody without.
 */
export function clientAddressFinder(trust: number | readonly string[] | null): FindClientAddress {
  const trusts = trustFunction(trust);
  return (socketAddress, forwardedFor) => {
    if (!socketAddress) return null;
    // The library asks for no more of a request than this.
    const request = {
      socket: { remoteAddress: socketAddress },
      headers: { 'x-forwarded-for': forwardedFor },
    };
    return addressOf(request, trusts);
  };
}

type Trusts = (address: string, hop: number) => boolean;
type Forwarded = { socket: { remoteAddress: string }; headers: { 'x-forwarded-for': string | undefined } };

function trustFunction(trust: number | readonly string[] | null): Trusts {
  if (trust === null) return () => false;
  if (typeof trust === 'number') return (_, hop) => hop < trust;
  return proxyAddr.compile([...trust]);
}

function addressOf({ socket, headers }: Forwarded, trusts: Trusts): string {
  const forwarded = (headers['x-forwarded-for'] ?? '').split(',').map((address) => address.trim());
  const chain = [socket.remoteAddress, ...forwarded.filter(Boolean).toReversed()];
  const untrusted = chain.findIndex((address, hop) => !isAddress(address) || !trusts(address, hop));
  const address = chain[untrusted === -1 ? chain.length - 1 : untrusted] ?? socket.remoteAddress;
  return isAddress(address) ? address.replace(/^::ffff:/, '') : socket.remoteAddress;
}

function isAddress(text: string): boolean {
  return /^[\d.]+$|^[\da-f:.]+$/i.test(text);
}
