import { describe, expect, test } from 'vitest';
import { layOutMail, type MailContent } from '../../src/domain/texts/mail-layout.ts';
import { mailContents, mailNames } from '../../src/domain/texts/mails.ts';
import { hostile, type Said, writeMails } from './written-mails.ts';

const sender = { supportEmail: 'support@example.com', supportUrl: 'https://example.com/help' };
const noSender = { supportEmail: null, supportUrl: null };
/** Markup that no mail of ours holds. */
const foreign = /<(?!\/?(?:html|head|meta|title|body|p|a|br|b|ul|li|table|tr|th|td|pre)\b|!doctype)/g;

const layOut = (content: MailContent) => layOutMail(content, 'Ada', sender);
const escape = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

describe.each(mailNames)('the mail %s', (mail) => {
  const plain: Said = writeMails((word) => word)[mail];
  const attacked: Said = writeMails(hostile)[mail];

  test('has a subject of one line, a text and a page', () => {
    const { subject, text, html } = layOut(plain.content);

    expect(subject).toMatch(/^\S.{5,110}\S$/);
    expect(text).toMatch(/^Hello Ada,\n\n[^]+\n$/);
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain(`<title>${escape(subject)}</title>`);
  });

  test('names every fact it is given, in text and page alike', () => {
    const { subject, text, html } = layOut(plain.content);

    expect(plain.facts.length).toBeGreaterThan(0);
    for (const fact of plain.facts) {
      expect(`${subject}\n${text}`).toContain(fact);
      expect(html).toContain(escape(fact));
    }
  });

  test('leaves no blank unfilled', () => {
    const { subject, text, html } = layOut(plain.content);

    expect(`${subject}${text}${html}`).not.toMatch(/undefined|null|NaN|\[object|\$\{|\{\{|Invalid|: $/m);
  });

  test('links to one place where it asks for something in the product', () => {
    const { html } = layOut(plain.content);

    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(links).toEqual(plain.content.action ? [plain.content.action.url] : []);
  });

  test('escapes every value in the page, and none in the text', () => {
    const { subject, text, html } = layOut(attacked.content);

    for (const fact of attacked.facts) {
      expect(`${subject}\n${text}`).toContain(fact);
      expect(html).toContain(escape(fact));
    }
    expect(html.match(foreign)).toBeNull();
  });

  test('cannot be given further header lines by a name', () => {
    const { content } = writeMails((word) => `${word}\r\nBcc: everyone@example.com\n`)[mail];

    expect(layOut(content).subject).not.toMatch(/[\r\n]/);
  });
});

test.each([
  [7, 'ends in 7 days'],
  [1, 'ends in 1 day'],
])('with %i left, a notice of the end says so', (daysLeft, words) => {
  const facts = { tenantName: 'Acme', url: 'https://app.example/', endsOn: 'Friday' };
  const offboarding = { ...facts, daysLeft, cause: 'contract_end', note: 'x', purgeOn: 'later' } as const;

  expect(mailContents.trial_notice({ ...facts, daysLeft, plan: 'starter' }).subject).toBe(
    `The trial of Acme ${words}`,
  );
  expect(mailContents.offboarding_notice(offboarding).subject).toBe(`Acme ${words}`);
});

describe('the mail of a suspension', () => {
  const facts = {
    tenantName: 'Acme',
    url: 'https://app.example/',
    mode: 'read_only',
    modeNow: 'read_only',
    note: 'x',
    startsOn: 'Friday',
    endsOn: null,
    invoice: null,
    others: [],
  } as const;
  const write = (more: Partial<Parameters<typeof mailContents.suspended>[0]>) =>
    layOut(mailContents.suspended({ ...facts, cause: 'customer_request', ownRequest: false, ...more })).text;

  test('says what still works under the strictest cause, which need not be its own', () => {
    expect(write({})).toContain('Everybody can sign in and read everything');
    expect(write({ modeNow: 'blocked' })).toContain('Nobody can sign in, but for owners');
  });

  test('says who may lift it: an owner only what an owner asked for', () => {
    expect(write({ ownRequest: true })).toContain('An owner lifts the suspension');
    expect(write({ ownRequest: false })).toContain(
      'customer success lifts the suspension when you ask for it',
    );
  });

  test.each([
    ['payment_failure', 'our billing team or customer success lifts'],
    ['terms_violation', 'customer success lifts'],
    ['security_incident', 'engineering lifts'],
    ['inactivity', 'Sign in: that lifts'],
    ['trial_expired', 'Choose a plan that fits'],
  ] as const)('for %s names the way out', (cause, way) => {
    expect(write({ cause })).toContain(way);
  });
});

test('a mail to somebody without a name, from a service without support, leaves both out', () => {
  const { content } = writeMails((word) => word).went_live;

  const { text, html } = layOutMail(content, null, noSender);

  expect(text).toMatch(/^Hello,\n/);
  expect(`${text}${html}`).not.toContain('Questions?');
});

test.each([
  [{ supportEmail: 'support@example.com', supportUrl: null }, 'Questions? support@example.com'],
  [{ supportEmail: null, supportUrl: 'https://example.com/help' }, 'Questions? https://example.com/help'],
  [sender, 'Questions? support@example.com or https://example.com/help'],
])('a mail of %j names the ways to support', (ways, footer) => {
  const { text, html } = layOutMail(writeMails((word) => word).went_live.content, null, ways);

  expect(text).toContain(footer);
  expect(html).toContain(footer);
});
