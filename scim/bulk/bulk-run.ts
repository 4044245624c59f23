import type { Route, ScimCall } from '../endpoint.ts';
import { badRequest, ProtocolError } from '../errors.ts';
import { type Outcome, sendOperation } from './bulk-operation.ts';
import { findReferences, type LookUp, resolvePath, resolveReferences } from './bulk-references.ts';
import type { BulkOperation, BulkRequest } from './bulk-request.ts';

type Run = {
  readonly call: ScimCall;
  readonly routes: readonly Route[];
  /** Each POST by its bulkId. */
  readonly creations: ReadonlyMap<string, BulkOperation>;
  readonly begun: Set<BulkOperation>;
  readonly outcomes: Map<BulkOperation, Outcome>;
  /** What was created without a reference to a resource that was still being made. */
  readonly incomplete: Set<BulkOperation>;
  readonly isOver: () => boolean;
};

/**
 * Does the operations in their order, but what one refers to before it (RFC 7644 §3.7.2). Where references go in a
 * circle a resource is created without, and changed once the circle is closed. After `failOnErrors` failures the rest
 * is left, and has no outcome.
 */
export async function runBulk(
  call: ScimCall,
  routes: readonly Route[],
  { operations, failOnErrors }: BulkRequest,
): Promise<ReadonlyMap<BulkOperation, Outcome>> {
  const outcomes = new Map<BulkOperation, Outcome>();
  const run: Run = {
    call,
    routes,
    creations: findCreations(operations),
    begun: new Set(),
    outcomes,
    incomplete: new Set(),
    isOver: () => [...outcomes.values()].filter(({ error }) => error).length >= failOnErrors,
  };
  for (const operation of operations) {
    if (run.isOver()) break;
    await perform(run, operation);
    for (const one of run.incomplete) await complete(run, one);
    run.incomplete.clear();
  }
  return outcomes;
}

function findCreations(operations: readonly BulkOperation[]): Map<string, BulkOperation> {
  const creations = new Map<string, BulkOperation>();
  for (const one of operations) {
    if (one.method === 'POST' && one.bulkId && !creations.has(one.bulkId)) creations.set(one.bulkId, one);
  }
  return creations;
}

async function perform(run: Run, operation: BulkOperation): Promise<void> {
  if (run.begun.has(operation)) return;
  run.begun.add(operation);
  const { path, data } = operation;
  for (const bulkId of findReferences({ path, data })) {
    const creation = run.creations.get(bulkId);
    if (creation) await perform(run, creation);
    if (run.isOver()) return;
  }
  run.outcomes.set(operation, await attempt(run, operation));
}

async function attempt(run: Run, operation: BulkOperation): Promise<Outcome> {
  const lookUp: LookUp = (bulkId) => {
    const id = findId(run, bulkId);
    if (id === null) run.incomplete.add(operation);
    return id;
  };
  try {
    requireBulkId(run, operation);
    const path = resolvePath(operation.path, lookUp);
    const data = resolveReferences(operation.data, lookUp);
    return await sendOperation(run.call, run.routes, { ...operation, path, data });
  } catch (failure) {
    const { status, body } = run.call.explain(failure);
    return { status, id: null, location: locate(run, operation), answer: null, error: body };
  }
}

/** RFC 7644 §3.7: every operation says where its resource is, but a POST that failed. */
function locate({ call }: Run, { method, path }: BulkOperation): string | null {
  return method !== 'POST' && path.startsWith('/') ? `${call.baseUrl}${path}` : null;
}

/** RFC 7644 §3.7: a POST has a bulkId, unique in its request. */
function requireBulkId({ creations }: Run, operation: BulkOperation): void {
  if (operation.method !== 'POST') return;
  if (!operation.bulkId) throw badRequest('invalidValue', 'a POST in a bulk request needs a bulkId');
  if (creations.get(operation.bulkId) === operation) return;
  throw badRequest('invalidValue', 'an operation before has the same bulkId');
}

function findId({ creations, outcomes }: Run, bulkId: string): string | null {
  const creation = creations.get(bulkId);
  if (!creation)
    throw badRequest('invalidValue', 'no POST of this request has the bulkId that is referred to');
  const outcome = outcomes.get(creation);
  if (outcome && !outcome.id) throw missingReference();
  return outcome?.id ?? null;
}

function missingReference(): ProtocolError {
  return new ProtocolError(409, 'the resource that is referred to was not created');
}

/** Sets what a resource was created without. Where that fails it is there, but its operation has failed. */
async function complete(run: Run, operation: BulkOperation): Promise<void> {
  const { call, routes, outcomes } = run;
  const created = outcomes.get(operation);
  if (!created?.id) return;
  try {
    const value = resolveReferences(selectReferring(operation.data), (bulkId) => {
      const id = findId(run, bulkId);
      if (id === null) throw missingReference();
      return id;
    });
    const path = created.location.slice(call.baseUrl.length);
    const data = { Operations: [{ op: 'add', value }] };
    const added = await sendOperation(call, routes, { ...operation, method: 'PATCH', path, data });
    outcomes.set(operation, { ...added, status: created.status });
  } catch (failure) {
    const { status, body } = call.explain(failure);
    outcomes.set(operation, { ...created, status, error: body });
  }
}

/** The attributes that refer to a resource; to add one that is there already changes nothing. */
function selectReferring(data: unknown): object {
  const attributes = typeof data === 'object' && data !== null ? { ...data } : {};
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => findReferences(value).size > 0));
}
