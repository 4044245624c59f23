import sharedDomains from 'email-providers/all.json' with { type: 'json' };
import { getDomain } from 'tldts';
import { foldCase } from '../user-attributes.ts';

/** Who gives an address to everybody, and is not in the list above. */
const furtherShared = [
  'fastmail.com',
  'posteo.de',
  'tuta.com',
  'tuta.io',
  'tutamail.com',
  'tutanota.com',
  'tutanota.de',
];

const shared = new Set([...sharedDomains, ...furtherShared]);

/** Names that belong to nobody (RFC 2606, RFC 6761). */
const reserved = /(?:^|\.)(?:test|example|invalid|localhost|local|example\.(?:com|net|org))$/;

/**
 * Under what an address uses up a trial: the domain that its owner has registered, so that a company has one trial
 * whatever its hosts are called; the whole address where the domain is everybody's or nobody's.
 */
export function trialKey(email: string): string {
  const address = foldCase(email);
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const registered = getDomain(domain, { allowPrivateDomains: true });
  const isOne = registered && !shared.has(registered) && !shared.has(domain) && !reserved.test(domain);
  return isOne ? registered : address;
}
