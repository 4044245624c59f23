import { daysAfter, minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import { record } from '../../db/audit.ts';
import { SigningKey } from '../../db/entities/control.ts';
import type { ControlScope } from '../../db/scope.ts';

/** A key signs for so long, then another takes over. */
const rotationDays = 30;
/** A new key is published this long before it signs, so that every cache of the key set knows it by then. */
const publishMinutes = 60;
/** Keys that sign documents stay, and are none of these. */
const purpose = 'access_tokens' as const;

/** The keys in force, the next one to sign last; private keys opened. */
export async function readSigningKeys({ em, now, ports }: ControlScope) {
  const rows = await em.find(
    SigningKey,
    { purpose, $or: [{ retiresAt: null }, { retiresAt: { $gt: now } }] },
    { orderBy: { signsFrom: 'asc' } },
  );
  return rows.map(({ id, publicJwk, privateKeySealed, signsFrom }) => ({
    id,
    publicJwk,
    privateKey: ports.master.openText(privateKeySealed, `signing_key:${id}`),
    signsFrom,
  }));
}

/** Makes sure that there is a key to sign with now. Two processes that start at once end up with one. */
export async function ensureSigningKey(scope: ControlScope): Promise<void> {
  await lockKeys(scope);
  if ((await scope.em.count(SigningKey, { purpose })) === 0)
    await addKey(scope, { purpose, signsFrom: scope.now });
}

/** Publishes the next key when the present one is due, and forgets those whose last token has expired. */
export async function rotateSigningKeys(scope: ControlScope): Promise<void> {
  const { em, now } = scope;
  await lockKeys(scope);
  const [newest] = await em.find(SigningKey, { purpose }, { orderBy: { signsFrom: 'desc' }, limit: 1 });
  if (!newest || newest.signsFrom < daysAfter(now, -rotationDays)) {
    const next = await addKey(scope, { purpose, signsFrom: minutesAfter(now, publishMinutes) });
    const retiring = { purpose, id: { $ne: next.id }, retiresAt: null };
    await em.nativeUpdate(SigningKey, retiring, { retiresAt: minutesAfter(next.signsFrom, 15) });
  }
  const retired = await em.find(SigningKey, { purpose, retiresAt: { $lte: now } });
  for (const key of retired) {
    em.remove(key);
    await record(scope, 'signing_key.retired', { target: { kind: 'signing_key', id: key.id } });
  }
}

/** Makes a key for a purpose. Under `lockKeys`. */
export async function addKey(
  scope: ControlScope,
  { purpose, signsFrom }: Pick<SigningKey, 'purpose' | 'signsFrom'>,
): Promise<SigningKey> {
  const { em, now, ports } = scope;
  const { id, publicJwk, privateKey } = await ports.keyPairs.create();
  const privateKeySealed = ports.master.seal(privateKey, `signing_key:${id}`);
  const key = em.create(SigningKey, { id, purpose, publicJwk, privateKeySealed, createdAt: now, signsFrom });
  await record(scope, 'signing_key.created', { target: { kind: 'signing_key', id } });
  await em.flush();
  return key;
}

/** One process at a time makes or retires a key. */
export async function lockKeys({ em }: ControlScope): Promise<void> {
  await em.execute(`select pg_advisory_xact_lock(7236418326)`);
}
