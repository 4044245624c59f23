import { type Html, html } from './html.ts';

/** A mail's content before it is laid out; what is absent is left out. */
export type MailContent = {
  subject: string;
  paragraphs: readonly string[];
  /** What it is about, at a glance: a name and a value each. */
  facts?: readonly MailFact[];
  /** What the reader can do, a sentence each. */
  steps?: readonly string[];
  /** What an operator can type. */
  commands?: readonly string[];
  /** The one link to act on. */
  action?: { label: string; url: string };
};
export type MailFact = readonly [name: string, value: string];

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
  const frame = { greeting, footer: support ? `Questions? ${support}` : null };
  const subject = content.subject.replaceAll(/[\r\n]+/g, ' ');
  return { subject, text: textOf(content, frame), html: pageOf({ ...content, subject }, frame).markup };
}

type Frame = { greeting: string; footer: string | null };

function textOf({ paragraphs, facts, steps, commands, action }: MailContent, { greeting, footer }: Frame) {
  const parts = [
    greeting,
    ...paragraphs,
    facts?.map(([name, value]) => `${name}: ${value}`).join('\n'),
    steps?.length && `What you can do:\n${steps.map((step) => `- ${step}`).join('\n')}`,
    commands?.map((command) => `    ${command}`).join('\n'),
    action && `${action.label}:\n${action.url}`,
    footer,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

// Mail clients know little: styles stand in the elements, and a table is laid out by all of them.
function pageOf(
  { subject, paragraphs, facts, steps, commands, action }: MailContent,
  { greeting, footer }: Frame,
): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${subject}</title>
      </head>
      <body
        style="font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:2em auto;padding:0 1em;color:#111"
      >
        <p>${greeting}</p>
        ${paragraphs.map((paragraph) => html`<p>${paragraph}</p> `)}
        ${facts?.length ? factsTable(facts) : null}
        ${
          steps?.length
            ? html`<p style="margin-bottom:0"><b>What you can do</b></p>
                <ul style="margin-top:.25em">
                  ${steps.map((step) => html`<li>${step}</li>`)}
                </ul>`
            : null
        }
        ${commands?.length ? html`<pre style="white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:.75em">${commands.join('\n')}</pre>` : null}
        ${action ? actionLink(action) : null} ${footer ? html`<p style="color:#555">${footer}</p>` : null}
      </body>
    </html>`;
}

function factsTable(facts: readonly MailFact[]): Html {
  const name =
    'text-align:left;vertical-align:top;padding:.25em 1em .25em 0;font-weight:600;white-space:nowrap';
  const value = 'padding:.25em 0;overflow-wrap:anywhere';
  const rows = facts.map(
    (fact) =>
      html`<tr>
        <th style="${name}">${fact[0]}</th>
        <td style="${value}">${fact[1]}</td>
      </tr> `,
  );
  return html`<table style="border-collapse:collapse;margin:1em 0">
    ${rows}
  </table>`;
}

function actionLink({ label, url }: { label: string; url: string }): Html {
  const button =
    'display:inline-block;background:#1a56c4;color:#fff;padding:.6em 1.2em;border-radius:.3em;text-decoration:none';
  return html`<p><a href="${url}" style="${button}">${label}</a></p>
    <p style="color:#555">If the link does not open, copy this address:<br />${url}</p>`;
}
