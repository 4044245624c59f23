import { expect, test } from 'vitest';
import { html } from '../../src/domain/texts/html.ts';
import { asSentence, layOutPage } from '../../src/domain/texts/page-layout.ts';

const support = { supportEmail: null, supportUrl: null };
const evil = `"><script>alert('1')</script>&`;
const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;';

test('values in markup are escaped, in text and in attributes; markup is taken as it is', () => {
  const inner = html`<b title="${evil}">${evil}</b>`;

  const { markup } = html`<p>${inner}${[html`<i>${1}</i>`, html`<i>${2}</i>`]}${null}</p>`;

  expect(markup).toBe(`<p><b title="${escaped}">${escaped}</b><i>1</i><i>2</i></p>`);
});

test('a page escapes its title, and allows no script, no frame and nothing from elsewhere', () => {
  const { markup, headers } = layOutPage({ title: evil, body: html`<p>body</p>` }, { nonce: 'n1', support });

  expect(markup).toMatch(/^<!doctype html>/);
  expect(markup).toContain(`<title>${escaped}</title>`);
  expect(markup).not.toContain('<script');
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; style-src 'nonce-n1'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
});

test('a page with a script of its own allows it alone, and a form of its own where it leads', () => {
  const frame = { nonce: 'n1', support, scripted: true, formAction: 'https://idp.example' };

  const { headers } = layOutPage({ title: 'x', body: html`` }, frame);

  expect(headers['content-security-policy']).toContain(
    "; script-src 'nonce-n1'; form-action https://idp.example;",
  );
});

test('a page names whom to ask, by every way there is', () => {
  const frame = {
    nonce: 'n1',
    support: { supportEmail: 'help@a.example', supportUrl: 'https://a.example/help' },
  };

  const { markup } = layOutPage({ title: 'x', body: html`` }, frame);

  expect(markup.replaceAll(/\s+/g, ' ')).toContain(
    'Questions? <a href="mailto:help@a.example">help@a.example</a> or <a href="https://a.example/help">https://a.example/help</a>',
  );
});

test.each([
  ['this link is not valid', 'This link is not valid.'],
  ['Is it?', 'Is it?'],
])('%s reads %s on a page', (text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});
