import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What may become of the payment provider's events and of readings there. */
export type BillingSign =
  | 'processed'
  | 'ignored'
  | 'failed'
  | 'unavailable'
  | 'questioned'
  | 'missed'
  | 'drifted';

export type Metrics = {
  /** Counts what happens with the payment provider. */
  countBilling(sign: BillingSign, count?: number): void;
  /** Notes one answered request. `route` is a pattern, never a path with ids. */
  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Notes a call that was refused since its tenant's budget was used up. */
  countLimitedCall(budget: string): void;
  /** Notes a call that went on though its budget could not be asked. */
  countUncountedCall(budget: string): void;
  /** All metrics in the Prometheus text format. */
  expose(): Promise<{ contentType: string; text: string }>;
};

/** The metrics of one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'tenantry_http_requests_total',
    help: 'Answered HTTP requests',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'tenantry_http_request_duration_seconds',
    help: 'Time from the request to its answer',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const calls = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['budget'], registers: [registry] });
  const limited = calls('tenantry_api_calls_limited_total', 'Calls refused by the limit of their tenant');
  const uncounted = calls('tenantry_api_calls_uncounted_total', 'Calls let through without being counted');
  const billing = new Counter({
    name: 'tenantry_billing_total',
    help: "The payment provider's events and readings, by what became of them",
    labelNames: ['became'],
    registers: [registry],
  });
  return {
    countLimitedCall: (budget) => limited.inc({ budget }),
    countUncountedCall: (budget) => uncounted.inc({ budget }),
    countBilling: (became, count = 1) => billing.inc({ became }, count),
    observeRequest({ method, route, status, seconds: taken }) {
      requests.inc({ method, route, status });
      seconds.observe({ method, route }, taken);
    },
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
