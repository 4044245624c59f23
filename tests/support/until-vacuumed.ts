/** Only a superuser may end an autovacuum worker, which is in a database for a moment at a time: waits it out. */
export async function untilVacuumed(work: () => Promise<unknown>, tries = 50): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      await work();
      return;
    } catch (error) {
      const isBusy =
        error instanceof Error && 'code' in error && (error.code === '42501' || error.code === '55006');
      if (!isBusy || left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
