import type { MailContent } from './mails.ts';

/** Who stands behind a mail. */
export type MailSender = { supportEmail: string | null; supportUrl: string | null };

/** Lays a mail out as text and as HTML; every value is escaped in the HTML. */
export function layOutMail(
  content: MailContent,
  greetingName: string | null,
  sender: MailSender,
): { subject: string; text: string; html: string } {
  const greeting = greetingName ? `Hello ${greetingName},` : 'Hello,';
  const support = [sender.supportEmail, sender.supportUrl].filter((way) => way !== null).join(' or ');
  const footer = support ? `Questions? ${support}` : '';
  const text = [
    greeting,
    ...content.paragraphs,
    content.action ? `${content.action.label}:\n${content.action.url}` : '',
    footer,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
  const html = [
    `<p>${escapeHtml(greeting)}</p>`,
    ...content.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    content.action ? actionHtml(content.action) : '',
    footer && `<p style="color:#555">${escapeHtml(footer)}</p>`,
  ].join('\n');
  const subject = content.subject.replaceAll(/[\r\n]+/g, ' ');
  return { subject, text: `${text}\n`, html: pageHtml(subject, html) };
}

function actionHtml({ label, url }: { label: string; url: string }): string {
  const href = escapeHtml(url);
  return `<p><a href="${href}">${escapeHtml(label)}</a></p><p>If the link does not open, copy this address:<br>${href}</p>`;
}

function pageHtml(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:2em auto;padding:0 1em;color:#111">
${body}
</body></html>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
