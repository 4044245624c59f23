import type {
  TRPC_ERROR_CODE_KEY,
  TRPC_ERROR_CODE_NUMBER,
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
} from '@trpc/server';
import type { AppRouter } from '../api/trpc/router.ts';
import type { Unmarked } from '../db/unmarked.ts';
import type { RefusalReason } from '../domain/refusal.ts';

/** A failed call, as it is answered. A refusal has its `reason`, and its data beside it. */
export interface ErrorShape {
  message: string;
  code: TRPC_ERROR_CODE_NUMBER;
  data: {
    code: TRPC_ERROR_CODE_KEY;
    httpStatus: number;
    path?: string | undefined;
    requestId: string | null;
    reason?: RefusalReason;
    [fact: string]: unknown;
  };
}

/**
 * The same type spelled out. What a conditional type yields, and a property renamed to its own name, is written in
 * full into the declaration file, where an alias or an annotation of the server's would be written as an import.
 */
type Spelled<T> = unknown extends T
  ? T
  : Unmarked<T> extends infer Bare
    ? Bare extends string
      ? `${Bare}`
      : Bare extends number | boolean | null | undefined
        ? Bare
        : Bare extends readonly (infer Item)[]
          ? Spelled<Item>[]
          : // oxlint-disable-next-line typescript/no-unnecessary-template-expression -- only a new name drops the annotation
            { [Key in keyof Bare as `${Key & string}`]: Spelled<Bare[Key]> }
    : never;

type SpelledProcedures<Procedures> = Procedures extends infer Each
  ? {
      [Name in keyof Each]: Each[Name] extends TRPCQueryProcedure<{
        input: infer In;
        output: infer Out;
        meta: object;
      }>
        ? TRPCQueryProcedure<{
            input: Spelled<In>;
            output: Spelled<Out>;
            meta: object;
            errorShape: ErrorShape;
          }>
        : Each[Name] extends TRPCMutationProcedure<{ input: infer In; output: infer Out; meta: object }>
          ? TRPCMutationProcedure<{
              input: Spelled<In>;
              output: Spelled<Out>;
              meta: object;
              errorShape: ErrorShape;
            }>
          : SpelledProcedures<Each[Name]>;
    }
  : never;

/** Never called, as this file never runs: its declaration file is what it is for. */
declare function spellOut<Router extends AppRouter>(): TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  SpelledProcedures<Router['_def']['record']>
>;

/** Every procedure with its input and output, in a declaration that needs nothing of the server. */
export const contract = spellOut<AppRouter>();
