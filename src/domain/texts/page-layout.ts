import { type Html, html } from './html.ts';

/** What a page shows below its title. */
export type Page = { title: string; body: Html };

export type PageFrame = {
  /** Random, new for every answer: what styles and scripts must carry to be let in. */
  nonce: string;
  support: { supportEmail: string | null; supportUrl: string | null };
  /** Where its forms may lead, as sources of the Content-Security-Policy; its own origin unless said otherwise. */
  formAction?: string;
  /** Whether its own script, with the nonce, may run. */
  scripted?: boolean;
};

const style = [
  ':root{color-scheme:light dark;font:100%/1.5 system-ui,sans-serif}',
  'body{max-width:38rem;margin:3rem auto;padding:0 1rem}',
  'h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem;margin-top:2rem}',
  'label,input{display:block}label{margin-top:1rem}',
  'input,button{box-sizing:border-box;font:inherit;padding:.5rem .75rem}input{width:100%}button{margin-top:1.5rem}',
  'dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}',
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem .25rem 0;border-bottom:1px solid #8884}',
  'td.number,th.number{text-align:right}code{overflow-wrap:anywhere}',
  '@media print{body{max-width:none;margin:0}.screen,footer{display:none}tr,dl,blockquote{break-inside:avoid}}',
  '[role=alert]{border-left:.25rem solid #c22;padding-left:.75rem}footer{margin-top:3rem;font-size:.875rem}',
].join('');

/**
 * Lays out one of the service's own pages, complete with the headers it must be answered with. It needs no script
 * and nothing from elsewhere; it is never framed, kept in a cache or named to where its links lead.
 */
export function layOutPage(
  { title, body }: Page,
  { nonce, support, formAction = "'self'", scripted = false }: PageFrame,
): { markup: string; headers: Readonly<Record<string, string>> } {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style nonce="${nonce}">
          ${{ markup: style }}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
        ${writeFooter(support)}
      </body>
    </html> `;
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    ...(scripted ? [`script-src 'nonce-${nonce}'`] : []),
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    markup,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
  };
}

/** A sentence of ours begins in small letters and has no full stop; on a page it has both. */
export function asSentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function writeFooter({ supportEmail, supportUrl }: PageFrame['support']): Html | null {
  const ways = [
    ...(supportEmail === null ? [] : [html`<a href="mailto:${supportEmail}">${supportEmail}</a>`]),
    ...(supportUrl === null ? [] : [html`<a href="${supportUrl}">${supportUrl}</a>`]),
  ];
  if (ways.length === 0) return null;
  return html`<footer>
    Questions? ${ways.flatMap((way, index) => (index > 0 ? [html` or `, way] : [way]))}
  </footer>`;
}
