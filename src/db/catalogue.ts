import type { EntitySchema } from '@mikro-orm/core';
import { AuditEvent, IdempotencyKey, SubjectKey } from './entities/audit.ts';
import {
  ListBookmark,
  ScimToken,
  SsoAssertion,
  SsoAttempt,
  SsoConnection,
  SsoRequest,
} from './entities/connection.ts';
import { BillingAccount, BillingCursor, BillingEvent, ServiceMinute } from './entities/billing.ts';
import { DirectoryWatch } from './entities/directory-watch.ts';
import { Deadline, Operator, OperatorToken, ServiceClient, SigningKey } from './entities/control.ts';
import { CustomerNote, CustomerRecord, TenantActivity, TenantAddress } from './entities/customer.ts';
import { Notification } from './entities/notification.ts';
import { ProjectFile } from './entities/file.ts';
import { Group, GroupChild, GroupUser, RemovedMembership } from './entities/group.ts';
import { LegalHold, Offboarding } from './entities/offboarding.ts';
import { Approval, PausedDeadline, PlanPolicy, Task } from './entities/operations.ts';
import { Person, PersonToken } from './entities/person.ts';
import { PlanRequest, ScheduledPlanChange, StorageUsage, UsageMark, UsedTrial } from './entities/plans.ts';
import { ScimRequest } from './entities/scim-request.ts';
import { RefreshToken, Session, UserToken } from './entities/session.ts';
import { Tenant } from './entities/tenant.ts';
import { TakenSlug, Tombstone } from './entities/tombstone.ts';
import { Membership, User, UserEmail, UserIdentity } from './entities/user.ts';
import { WebhookDelivery, WebhookEndpoint } from './entities/webhook.ts';
import { Invitation, OnboardingRecord, PlanChange, Project, Suspension } from './entities/work.ts';

/**
 * What a table holds, and so who may touch it and what becomes of it:
 * `tenant` the tenants themselves; `tenant_owned` a tenant's rows; `routing` a tenant's rows that the control
 * plane reads to route and steer; `append_only` a tenant's rows that only purge and retention delete;
 * `person` people over all tenants; `control_plane` the product's own; `published` the product's own that tenants
 * read; `retained` what outlives a purge, each with its reason; `counters` what may be lost.
 */
export type TableClass =
  | 'tenant'
  | 'tenant_owned'
  | 'routing'
  | 'append_only'
  | 'tenant_or_none'
  | 'person'
  | 'control_plane'
  | 'published'
  | 'retained'
  | 'counters';

type CatalogueEntry = { entity: EntitySchema; class: TableClass; retained?: Retention };

/** Why rows outlive their tenant, and for how long; `null` is for good. */
export type Retention = { reason: string; years: number | null };

/** Every table has a class. It drives grants, isolation tests, export, erasure and purge. */
export const catalogue: readonly CatalogueEntry[] = [
  { entity: Tenant, class: 'tenant' },
  { entity: User, class: 'tenant_owned' },
  { entity: UserEmail, class: 'tenant_owned' },
  { entity: Group, class: 'tenant_owned' },
  { entity: GroupUser, class: 'tenant_owned' },
  { entity: GroupChild, class: 'tenant_owned' },
  { entity: RemovedMembership, class: 'tenant_owned' },
  { entity: DirectoryWatch, class: 'tenant_owned' },
  { entity: UserIdentity, class: 'tenant_owned' },
  { entity: Membership, class: 'routing' },
  { entity: Session, class: 'tenant_owned' },
  { entity: RefreshToken, class: 'tenant_owned' },
  { entity: UserToken, class: 'tenant_owned' },
  { entity: ScimToken, class: 'routing' },
  { entity: ListBookmark, class: 'tenant_owned' },
  { entity: ScimRequest, class: 'routing' },
  { entity: SsoConnection, class: 'routing' },
  { entity: SsoRequest, class: 'tenant_owned' },
  { entity: SsoAssertion, class: 'tenant_owned' },
  { entity: SsoAttempt, class: 'tenant_owned' },
  { entity: Project, class: 'tenant_owned' },
  { entity: StorageUsage, class: 'tenant_owned' },
  { entity: ProjectFile, class: 'tenant_owned' },
  { entity: UsageMark, class: 'tenant_owned' },
  { entity: Invitation, class: 'tenant_owned' },
  { entity: OnboardingRecord, class: 'tenant_owned' },
  { entity: Suspension, class: 'tenant_owned' },
  { entity: PlanChange, class: 'tenant_owned' },
  { entity: ScheduledPlanChange, class: 'tenant_owned' },
  { entity: PlanRequest, class: 'routing' },
  { entity: BillingAccount, class: 'routing' },
  { entity: Offboarding, class: 'tenant_owned' },
  { entity: LegalHold, class: 'tenant_owned' },
  { entity: CustomerRecord, class: 'tenant_owned' },
  { entity: CustomerNote, class: 'tenant_owned' },
  { entity: TenantActivity, class: 'routing' },
  { entity: TenantAddress, class: 'routing' },
  { entity: Task, class: 'routing' },
  { entity: Approval, class: 'routing' },
  {
    entity: Notification,
    class: 'tenant_or_none',
    retained: {
      reason: 'that the certificate was mailed: the id of the tenant and when, neither name nor address',
      years: null,
    },
  },
  { entity: WebhookEndpoint, class: 'tenant_or_none' },
  {
    entity: WebhookDelivery,
    class: 'routing',
    retained: {
      reason: 'the event that tells the operator of the purge: the id of the tenant and when it was purged',
      years: null,
    },
  },
  { entity: Deadline, class: 'routing' },
  {
    entity: AuditEvent,
    class: 'append_only',
    retained: {
      reason: "the event in the product's own trail that the purge was certified: the id of the tenant",
      years: null,
    },
  },
  { entity: SubjectKey, class: 'tenant_owned' },
  { entity: IdempotencyKey, class: 'tenant_or_none' },
  { entity: Person, class: 'person' },
  { entity: PersonToken, class: 'person' },
  { entity: Operator, class: 'control_plane' },
  { entity: OperatorToken, class: 'control_plane' },
  { entity: ServiceClient, class: 'control_plane' },
  { entity: SigningKey, class: 'control_plane' },
  { entity: BillingEvent, class: 'control_plane' },
  { entity: BillingCursor, class: 'control_plane' },
  { entity: ServiceMinute, class: 'published' },
  { entity: PlanPolicy, class: 'published' },
  { entity: PausedDeadline, class: 'published' },
  {
    entity: Tombstone,
    class: 'retained',
    retained: {
      reason: 'proof that the data was deleted, and what became of the closing checklist',
      years: null,
    },
  },
  {
    entity: UsedTrial,
    class: 'retained',
    retained: {
      reason: 'a trial is given to a customer once; only the hash of its domain is kept',
      years: null,
    },
  },
  {
    entity: TakenSlug,
    class: 'retained',
    retained: { reason: 'a slug is never given again; only its hash is kept', years: null },
  },
];

/** Tables that no entity maps, by hand in the migrations. */
export const unmappedTables: Readonly<Record<string, TableClass>> = {
  rate_limits: 'counters',
  api_budgets: 'counters',
};

/** The entities, for the ORM. */
export const entities = catalogue.map(({ entity }) => entity);

/** Every table with its class. */
export const tableClasses: ReadonlyMap<string, TableClass> = new Map([
  ...catalogue.map(({ entity, class: tableClass }): [string, TableClass] => [
    entity.meta.tableName,
    tableClass,
  ]),
  ...Object.entries(unmappedTables),
]);
