/** What is measured, ready: lanes that each do one thing after the other. */
export type Lanes = {
  /** How many different things there are to do. */
  count: number;
  /** Does the thing of this number. */
  lanes: readonly ((index: number) => Promise<void>)[];
  close(): Promise<void>;
};
