import type { Stage, StoryTenant } from '../stage.ts';
import type { EntraDirectory } from './entra.ts';
import type { Owner } from './owner.ts';

const crew = ['jo', 'kim', 'lou', 'max', 'noa', 'pim'];

/** A sync that has gone wrong takes many people away; it is told at once, and undone in one step. */
export async function undoSync(
  { chapter, mailbox, until }: Stage,
  tenant: StoryTenant,
  { owner: { client }, microsoft: { entra } }: { owner: Owner; microsoft: EntraDirectory },
): Promise<void> {
  const step = chapter('A sync takes six people away by mistake, and they are brought back');
  const { id: tenantId, customerSuccess, ownerEmail } = tenant;
  const queue = async () =>
    (await customerSuccess.tasks.list.query({ tenantId })).items
      .filter(({ kind }) => kind === 'directory_review')
      .map(({ doneAt }) => doneAt === null);

  const ids = await step('Entra has provisioned six more', async (sees) => {
    const made = await Promise.all(
      crew.map((name) =>
        entra.createUser({
          userName: `${name}@kestrel.example`,
          externalId: `crew-${name}`,
          givenName: name,
          familyName: 'Crew',
          email: `${name}@kestrel.example`,
        }),
      ),
    );
    sees(
      'statuses',
      made.map(({ status }) => status),
      crew.map(() => 201),
    );
    return made.map(({ body }) => body.id ?? '');
  });
  const active = async () =>
    (await Promise.all(ids.map((userId) => client.directory.users.get.query({ userId })))).filter(
      (user) => user.active,
    ).length;

  const since = await step('it disables all of them, and is obeyed at once', async (sees) => {
    const before = new Date().toISOString();
    const answers = await Promise.all(ids.map((id) => entra.disableUser(id)));
    sees(
      'statuses',
      answers.map(({ status }) => status),
      ids.map(() => 200),
    );
    sees('still active', await active(), 0);
    return before;
  });

  await step('the owner is told once, and operators have one task to look at', async (sees) => {
    const mail = await mailbox.await(ownerEmail, /has taken access from 6 people/);
    sees('the mail', mail.text ?? '', /directory\.restoreSync/);
    sees('tasks that are open', await until(queue, [true]), [true]);
  });

  await step('the owner looks at what a restoration would bring, and then restores', async (sees) => {
    const looked = await client.directory.restoreSync.mutate({ since, preview: true });
    sees('would come back', looked.people, crew.length);
    sees('still active', await active(), 0);
    sees('restored', (await client.directory.restoreSync.mutate({ since })).people, crew.length);
    sees('active', await active(), crew.length);
    sees('a second time', (await client.directory.restoreSync.mutate({ since })).people, 0);
  });
}
