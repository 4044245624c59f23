import { describe, expect, test } from 'vitest';
import { layOutMail } from '../../src/domain/texts/mail-layout.ts';
import { mailContents, type MailFacts, type MailName } from '../../src/domain/texts/mails.ts';

/** What each mail must say of its facts; every mail there is stands here. */
const says: Record<MailName, readonly (keyof MailFacts)[]> = {
  verify_email: ['tenantName', 'url'],
  welcome: ['tenantName', 'url'],
  invitation: ['tenantName', 'url', 'when'],
  reset_password: ['url'],
  went_live: ['tenantName', 'url'],
  trial_notice: ['tenantName', 'url', 'when', 'daysLeft'],
  trial_ended: ['tenantName', 'url'],
  suspended: ['tenantName', 'note'],
  reinstated: ['tenantName', 'url'],
};
const mails = Object.keys(says).filter((name): name is MailName => Object.hasOwn(says, name));

const sender = { supportEmail: 'support@example.com', supportUrl: 'https://example.com/help' };
const noSender = { supportEmail: null, supportUrl: null };

const plain: MailFacts = {
  name: 'Ada',
  tenantName: 'Acme',
  url: 'https://app.example/go?token=abc',
  when: '24 December 2026',
  note: 'invoice 7 is unpaid',
  mode: 'read_only',
  daysLeft: 7,
};

/** Text that would change the page, were it not escaped. */
const hostile = (word: string) => `<img src=x onerror="alert('${word}')">&amp;`;
const escaped = (word: string) => `&lt;img src=x onerror=&quot;alert(&#39;${word}&#39;)&quot;&gt;&amp;amp;`;

function layOut(mail: MailName, facts: MailFacts) {
  return layOutMail(mailContents[mail](facts), facts.name, sender);
}

describe.each(mails)('the mail %s', (mail) => {
  test('has a subject of one line, a text and a page', () => {
    const { subject, text, html } = layOut(mail, plain);

    expect(subject).toMatch(/^\S.{5,100}\S$/);
    expect(text).toMatch(/^Hello Ada,\n\n[^]+\n$/);
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain(`<title>${subject}</title>`);
  });

  test('says what it is about, in text and page alike', () => {
    const { text, html, subject } = layOut(mail, plain);

    for (const fact of says[mail]) {
      expect(`${subject}\n${text}`).toContain(String(plain[fact]));
      expect(html).toContain(String(plain[fact]));
    }
  });

  test('links to one place where it asks for something', () => {
    const { html } = layOut(mail, plain);

    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(links).toEqual(says[mail].includes('url') ? [plain.url] : []);
  });

  test('escapes every value in the page, and none in the text', () => {
    const facts = {
      ...plain,
      name: hostile('name'),
      tenantName: hostile('tenantName'),
      url: `https://app.example/?a=1&b=${hostile('url')}`,
      when: hostile('when'),
      note: hostile('note'),
    };

    const { subject, text, html } = layOut(mail, facts);

    const shown = (['tenantName', 'url', 'when', 'note'] as const).filter((fact) =>
      says[mail].includes(fact),
    );
    for (const fact of ['name', ...shown]) {
      expect(`${subject}\n${text}`).toContain(hostile(fact));
      expect(html).toContain(escaped(fact));
    }
    expect(html).not.toContain('<img');
    expect(html.match(/<(?!\/?(?:html|head|meta|title|body|p|a|br)\b|!doctype)/g)).toBeNull();
  });

  test('cannot be given further header lines by a name', () => {
    const facts = { ...plain, tenantName: 'Acme\r\nBcc: everyone@example.com\n' };

    expect(layOut(mail, facts).subject).not.toMatch(/[\r\n]/);
  });
});

test.each([
  [7, 'The trial of Acme ends in 7 days'],
  [1, 'The trial of Acme ends in 1 day'],
])('with %i left, the notice of a trial says so', (daysLeft, subject) => {
  expect(mailContents.trial_notice({ ...plain, daysLeft }).subject).toBe(subject);
});

test.each([
  ['blocked', 'Acme has been suspended and is closed until this is resolved.'],
  ['read_only', 'Acme has been suspended: everything can be read, nothing can be changed.'],
])('a suspension that is %s says what it closes', (mode, sentence) => {
  expect(mailContents.suspended({ ...plain, mode }).paragraphs).toContain(sentence);
});

test('a mail to somebody without a name, from a service without support, leaves both out', () => {
  const { text, html } = layOutMail(mailContents.went_live(plain), null, noSender);

  expect(text).toMatch(/^Hello,\n/);
  expect(`${text}${html}`).not.toContain('Questions?');
});

test.each([
  [{ supportEmail: 'support@example.com', supportUrl: null }, 'Questions? support@example.com'],
  [{ supportEmail: null, supportUrl: 'https://example.com/help' }, 'Questions? https://example.com/help'],
  [sender, 'Questions? support@example.com or https://example.com/help'],
])('a mail of %j names the ways to support', (ways, footer) => {
  const { text, html } = layOutMail(mailContents.went_live(plain), null, ways);

  expect(text).toContain(footer);
  expect(html).toContain(footer);
});
