import type { AppRouter } from '../api/trpc/router.ts';
import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';

type Leaf = string | number | boolean | bigint | null | undefined | Date | ((...args: never[]) => unknown);
type Plain<T> = T extends string ? T : T;
type Written<T> = unknown extends T ? T : T extends Leaf ? Plain<T> : T extends infer O ? { [K in keyof O]: Written<O[K]> } : never;

type Def = { input: unknown; output: unknown; meta: unknown; errorShape?: unknown };
type Procedures<R> = {
  [K in keyof R]: R[K] extends TRPCQueryProcedure<infer D>
    ? TRPCQueryProcedure<Written<D>>
    : R[K] extends TRPCMutationProcedure<infer D>
      ? TRPCMutationProcedure<Written<D>>
      : Procedures<R[K]>;
};
declare function writeOut<R extends AppRouter>(): Procedures<R['_def']['record']>;

export const contract = writeOut<AppRouter>();
