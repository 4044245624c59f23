export type Rounds = {
  /** No further round; resolves when the one at hand is over. */
  stop(): Promise<void>;
};

/** Does work now and again and again, with a pause after each time. What it throws is its caller's to report. */
export function startRounds(
  work: () => Promise<void>,
  { pauseMilliseconds, onFailure }: { pauseMilliseconds: number; onFailure: (error: unknown) => void },
): Rounds {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const round = async () => {
    await work().catch(onFailure);
    if (!stopped) timer = setTimeout(begin, pauseMilliseconds);
  };
  const begin = () => {
    running = round();
  };
  begin();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
