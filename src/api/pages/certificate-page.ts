import type { DeletionCertificate } from '../../domain/lifecycle/certificate.ts';
import { type Html, html } from '../../domain/texts/html.ts';
import type { Page } from '../../domain/texts/page-layout.ts';

/** A certificate of deletion that a person can read and print; `file` is where its JSON is. */
export function writeCertificatePage(certificate: DeletionCertificate, file: string): Page {
  const { tenantId, slugHash, order, signature } = certificate;
  return {
    title: 'Certificate of deletion',
    body: html`<p>
        All data of the tenant <code>${tenantId}</code> was deleted, and a second count over every table, the
        stored files, the job queue and the mail folder found nothing left.
      </p>
      <p class="screen"><a href="${file}" download>Download the signed certificate</a> (JSON)</p>
      ${writeFacts([
        ['Tenant', tenantId],
        ['SHA-256 of its short name', slugHash],
        ['Reason', order.trigger.replaceAll('_', ' ')],
        ['Offboarded', order.offboardedAt],
        ['Deletion began', certificate.startedAt],
        ['Key destroyed', certificate.keyDestroyedAt],
        ['Deletion completed', certificate.completedAt],
        ...(order.sandbox ? [['Sandbox', 'a tenant for trying things out'] as const] : []),
      ])}
      <h2>What was deleted</h2>
      ${writeCounts(certificate)}
      <h2>Backups</h2>
      <p>${certificate.backups.statement}</p>
      <h2>Audit trail</h2>
      <p>${certificate.auditCheckpoint.statement}</p>
      ${writeRest(certificate)}
      <h2>Signature</h2>
      ${writeFacts([
        ['Algorithm', 'Ed25519 over the canonical JSON (RFC 8785) of everything but the signature'],
        ['Key', signature.keyId],
        ['Value', signature.value],
      ])}
      <p>
        Anybody can check it, without asking us: <code>npx tenantry verify-certificate FILE</code>, with the
        downloaded file and the key published at <code>/.well-known/document-keys.json</code>.
      </p>`,
  };
}

function writeCounts({ rows, files, bytes, jobs, mails }: DeletionCertificate): Html {
  const counts = [
    ...Object.entries(rows)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([table, count]) => [`Rows of ${table}`, count] as const),
    ['Stored files', files],
    ['Bytes of stored files', bytes],
    ['Jobs', jobs],
    ['Mails kept as files', mails],
  ] as const;
  return html`<table>
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col" class="number">How many</th>
      </tr>
    </thead>
    <tbody>
      ${counts.map(
        ([what, count]) =>
          html`<tr>
            <td>${what}</td>
            <td class="number">${count}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function writeRest({ retained, closing }: DeletionCertificate): Html {
  const kept = retained.map(
    ({ table, reason, until }) =>
      html`<li><code>${table}</code>: ${reason} (${until === null ? 'for good' : html`until ${until}`})</li>`,
  );
  const tasks = closing.map(
    ({ task, state, evidence }) =>
      html`<li>${task.replaceAll('_', ' ')}: ${state}${evidence === null ? null : html` (${evidence})`}</li>`,
  );
  return html`<h2>What is kept</h2>
    <ul>
      ${kept}
    </ul>
    ${
      tasks.length === 0
        ? null
        : html`<h2>Closing checklist</h2>
            <ul>
              ${tasks}
            </ul>`
    }`;
}

function writeFacts(facts: readonly (readonly [string, string])[]): Html {
  return html`<dl>
    ${facts.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
