import type { SuspensionMode } from '../lifecycle/status.ts';
import type { SuspensionTrigger } from '../lifecycle/suspensions.ts';
import type { MailContent, MailFact } from './mail-layout.ts';
import type { TenantFacts } from './tenant-mails.ts';

/** A suspension as its mails tell of it. */
export type SuspensionFacts = TenantFacts & {
  cause: SuspensionTrigger;
  mode: SuspensionMode;
  note: string;
  /** An owner of the tenant asked for it, and may take it back. */
  ownRequest: boolean;
  startsOn: string;
  /** When it ends by itself; `null` where that is open. */
  endsOn: string | null;
  invoice: string | null;
};

/** A suspension that has begun, and what else it is suspended for: the strictest cause rules. */
type BegunFacts = SuspensionFacts & { others: readonly SuspensionTrigger[]; modeNow: SuspensionMode };

type CauseText = { is: string; wayOut: string };

const causes: Record<SuspensionTrigger, CauseText> = {
  payment_failure: {
    is: 'a payment is missing',
    wayOut:
      'Pay what is open, or tell us by when: our billing team or customer success lifts the suspension.',
  },
  terms_violation: {
    is: 'the terms of service were violated',
    wayOut: 'Write to support: customer success lifts the suspension when this is resolved.',
  },
  security_incident: {
    is: 'there is a security incident',
    wayOut: 'Write to support: engineering lifts the suspension as soon as your data is safe.',
  },
  customer_request: {
    is: 'it was asked for',
    wayOut: 'Write to support: customer success lifts the suspension when you ask for it.',
  },
  inactivity: {
    is: 'nobody has used it for long',
    wayOut: 'Sign in: that lifts the suspension by itself. Customer success can lift it, too.',
  },
  trial_expired: {
    is: 'its trial has ended',
    wayOut: 'Choose a plan that fits, which lifts the suspension; customer success can lift it, too.',
  },
};

const ownWayOut = 'An owner lifts the suspension again at any time, by signing in and reinstating.';

/** A cause of suspension, as half a sentence. */
export function writeCause(cause: SuspensionTrigger): string {
  return causes[cause].is;
}

/** What a mode means, and what still works. */
export function writeMode(mode: SuspensionMode): string {
  return mode === 'blocked' ? 'blocked' : 'read-only';
}

const stillWorks: Record<SuspensionMode, string> = {
  blocked:
    'Nobody can sign in, but for owners, who still see billing and export. Your identity provider can still take access away.',
  read_only:
    'Everybody can sign in and read everything, and export; nothing can be changed. Your identity provider can still take access away.',
};

/** What a tenant's admins are told of its suspensions. */
export const suspensionMails = {
  suspension_scheduled: (facts: SuspensionFacts): MailContent => ({
    subject: `${facts.tenantName} will be suspended on ${facts.startsOn}`,
    paragraphs: [
      `${facts.tenantName} will be suspended on ${facts.startsOn}, because ${writeCause(facts.cause)}. Until then everything works as before.`,
      `From then on: ${stillWorks[facts.mode]} Your data stays as it is.`,
    ],
    facts: [['From', facts.startsOn], ...linesOf(facts)],
    steps: [wayOut(facts)],
    action: { label: `Open ${facts.tenantName}`, url: facts.url },
  }),
  suspended: (facts: BegunFacts): MailContent => ({
    subject: `${facts.tenantName} has been suspended`,
    paragraphs: [
      `${facts.tenantName} has been suspended, because ${writeCause(facts.cause)}.`,
      `${stillWorks[facts.modeNow]} Your data stays as it is.`,
      ...(facts.others.length > 0
        ? [`It is also suspended because ${writeCauses(facts.others)}. It ends when the last cause is gone.`]
        : []),
    ],
    facts: [['Since', facts.startsOn], ...linesOf(facts)],
    steps: [wayOut(facts)],
    action: { label: `Open ${facts.tenantName}`, url: facts.url },
  }),
  reinstated: (facts: ReinstatementFacts): MailContent => ({
    ...(facts.hadBegun ? lifted(facts) : calledOff(facts)),
    facts: [
      ['Suspended because', writeCause(facts.cause)],
      ['Note', facts.liftNote],
      ...(facts.promisedUntil === null ? [] : [['Payment promised by', facts.promisedUntil] as const]),
    ],
    action: { label: `Open ${facts.tenantName}`, url: facts.url },
  }),
};

/** A suspension that is over, and what is left. */
export type ReinstatementFacts = TenantFacts & {
  cause: SuspensionTrigger;
  liftNote: string;
  /** `false`: it was scheduled and never began. */
  hadBegun: boolean;
  startsOn: string;
  promisedUntil: string | null;
  /** The causes that are still open, and how strict they are together. */
  left: readonly SuspensionTrigger[];
  modeLeft: SuspensionMode | null;
};

function lifted({ tenantName, promisedUntil, left, modeLeft }: ReinstatementFacts) {
  const promise = promisedUntil
    ? [
        `A payment is promised by ${promisedUntil}. If it has not come by then, ${tenantName} is suspended again.`,
      ]
    : [];
  if (modeLeft === null) {
    return {
      subject: `${tenantName} has been reinstated`,
      paragraphs: [
        `The suspension of ${tenantName} has been lifted: it is what it was before.`,
        'Who was signed out by it signs in anew.',
        ...promise,
      ],
    };
  }
  return {
    subject: `One suspension of ${tenantName} has been lifted, another stays`,
    paragraphs: [
      `One suspension of ${tenantName} has been lifted. It stays suspended, ${writeMode(modeLeft)}, because ${writeCauses(left)}.`,
      stillWorks[modeLeft],
      ...promise,
    ],
    steps: left.map((cause) => causes[cause].wayOut),
  };
}

function calledOff({ tenantName, startsOn }: ReinstatementFacts) {
  return {
    subject: `${tenantName} will not be suspended`,
    paragraphs: [`The suspension of ${tenantName} that was to begin on ${startsOn} has been called off.`],
  };
}

function linesOf({ mode, note, endsOn, invoice }: SuspensionFacts): MailFact[] {
  return [
    ['Mode', writeMode(mode)],
    ['Reason', note],
    ...(invoice === null ? [] : [['Invoice', invoice] as const]),
    ...(endsOn === null ? [] : [['Ends by itself on', endsOn] as const]),
  ];
}

function wayOut({ cause, ownRequest }: SuspensionFacts): string {
  return ownRequest ? ownWayOut : causes[cause].wayOut;
}

function writeCauses(triggers: readonly SuspensionTrigger[]): string {
  return [...new Set(triggers)].map(writeCause).join(', and because ');
}
