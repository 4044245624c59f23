/** One step of a suite: what it is called, and what did not hold; or why it was skipped. */
export type Outcome = { name: string; failures: readonly string[]; skipped?: string };

/** What came of a suite: its steps, or why it could not run here. */
export type Suite = {
  name: string;
  outcomes: readonly Outcome[];
  /** Why nothing of it ran. */
  notRun?: string;
  /** Where it tolerates what it would not advise. */
  deviations: readonly string[];
};

/** A SCIM service provider as a client is told of it. */
export type ServiceProvider = { baseUrl: string; token: string };

/** Whether every step that ran held. A suite that could not run has not failed. */
export function holds({ outcomes }: Suite): boolean {
  return outcomes.every(({ failures }) => failures.length === 0);
}

/** The table of all suites, and below it what failed, what was not run and why, and what deviates. */
export function tableOf(suites: readonly Suite[]): string {
  const rows = suites.map(({ name, outcomes, notRun }) => {
    const failed = outcomes.filter(({ failures }) => failures.length > 0).length;
    const skipped = outcomes.filter(({ skipped }) => skipped !== undefined).length;
    const counts = [outcomes.length, outcomes.length - failed - skipped, failed, skipped];
    return [name, ...(notRun === undefined ? counts.map(String) : ['not run', '', '', ''])];
  });
  const lines = [['suite', 'steps', 'passed', 'failed', 'skipped'], ...rows].map(layOut);
  return [...lines, ...suites.flatMap(notesOn)].join('\n');
}

function layOut(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(48) : cell.padStart(9))).join('');
}

function notesOn({ name, outcomes, notRun, deviations }: Suite): string[] {
  const failures = outcomes.flatMap((outcome) => outcome.failures.map((text) => `${outcome.name}: ${text}`));
  const skips = outcomes.flatMap((outcome) =>
    outcome.skipped === undefined ? [] : [`${outcome.name}: ${outcome.skipped}`],
  );
  return [
    ...(notRun === undefined ? [] : [`\n${name} was not run: ${notRun}`]),
    ...paragraph(`${name} failed`, failures),
    ...paragraph(`${name} skipped`, skips),
    ...paragraph(`${name} deviates`, deviations),
  ];
}

function paragraph(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n${title}:`, ...lines.map((line) => `  ${line}`)];
}
