import { type Html, html } from '../../domain/texts/html.ts';
import { asSentence, type Page } from '../../domain/texts/page-layout.ts';

/** What a mailed link asks to be filled in: its token comes along, unseen and not yet used. */
export type LinkForm = { token: string; problem: string | null };

/** The last part of the address of each mailed link. */
export const linkNames = ['verify-email', 'reset-password', 'accept-invitation'] as const;
export type LinkName = (typeof linkNames)[number];

/** The pages that mailed links lead to where there is no host application. */
export const linkForms: Record<LinkName, (form: LinkForm) => Page> = {
  'verify-email': (form) => ({
    title: 'Confirm your e-mail address',
    body: writeForm('verify-email', form, html`<p>One click, and your address is confirmed.</p>`, 'Confirm'),
  }),
  'reset-password': (form) => ({
    title: 'Choose a new password',
    body: writeForm(
      'reset-password',
      form,
      html`<label for="password">New password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="new-password"
          maxlength="1024"
          required
        />
        <p>You will be signed out everywhere.</p>`,
      'Set password',
    ),
  }),
  'accept-invitation': (form) => ({
    title: 'Accept the invitation',
    body: writeForm(
      'accept-invitation',
      form,
      html`<label for="name">Your name (optional)</label>
        <input id="name" name="name" autocomplete="name" maxlength="255" />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="new-password"
          maxlength="1024"
          aria-describedby="hint"
        />
        <p id="hint">
          Leave it empty if you have set a password for this address before, by an invitation or a reset: it
          stays.
        </p>`,
      'Accept',
    ),
  }),
};

/** Says what a link has done. */
export function writeResultPage(title: string, sentence: string, appUrl: string | null): Page {
  const next = appUrl === null ? null : html`<p><a href="${appUrl}">Open the application</a></p>`;
  return {
    title,
    body: html`<p role="status">${asSentence(sentence)}</p>
      ${next}`,
  };
}

/** Says why a link, or what was filled in, was refused. */
export function writeProblemPage(sentence: string): Page {
  return { title: 'This did not work', body: writeProblem(sentence) };
}

/** Where people land after single sign-on when no application is configured. */
export function writeSignedInPage(hasCode: boolean): Page {
  const sentence = hasCode
    ? 'single sign-on worked: the identity provider said who you are, and this service has made a one-time code of it'
    : 'this is where single sign-on ends when no application is configured';
  return {
    title: hasCode ? 'You are signed in' : 'Single sign-on',
    body: html`<p role="status">${asSentence(sentence)}</p>
      <p>
        A host application would now send the code from this page's address to
        <code>POST /api/auth/exchange</code>, within a minute and once, and receive the tokens of your
        session. Set <code>APP_URL</code> to let sign-ins end there.
      </p> `,
  };
}

function writeForm(name: string, { token, problem }: LinkForm, fields: Html, button: string): Html {
  return html`${problem === null ? null : writeProblem(problem)}
    <form method="post" action="${name}">
      <input type="hidden" name="token" value="${token}" />
      ${fields}
      <button>${button}</button>
    </form> `;
}

function writeProblem(sentence: string): Html {
  return html`<p role="alert">${asSentence(sentence)}</p>`;
}
