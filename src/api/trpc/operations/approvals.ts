import { z } from 'zod';
import {
  approveApproval,
  approveInput,
  rejectApproval,
  rejectInput,
} from '../../../actions/operations/approval-decisions.ts';
import { listApprovals, listApprovalsInput } from '../../../actions/operations/approvals.ts';
import {
  breakGlass,
  breakGlassInput,
  reviewBrokenGlass,
  reviewInput,
} from '../../../actions/operations/break-glass.ts';
import { Refusal, refusalReasons } from '../../../domain/refusal.ts';
import { base, router } from '../base.ts';
import { act, onControlPlane, read } from '../procedures.ts';

const refused = z.object({
  refusal: z.object({
    reason: z.enum(refusalReasons),
    message: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  }),
});

/** What an approved action refuses is told once the transaction that keeps the failure has committed. */
const onApproval = base
  .use(async ({ next }) => {
    const result = await next();
    const failed = result.ok ? refused.safeParse(result.data) : null;
    if (!failed?.success) return result;
    const { reason, message, data } = failed.data.refusal;
    throw new Refusal(reason, message, data);
  })
  .concat(onControlPlane);

export const approvals = router({
  list: onControlPlane.input(listApprovalsInput.prefault({})).query(read(listApprovals)),
  approve: onApproval.input(approveInput).mutation(act(approveApproval)),
  reject: onControlPlane.input(rejectInput).mutation(act(rejectApproval)),
  breakGlass: onApproval.input(breakGlassInput).mutation(act(breakGlass)),
  review: onControlPlane.input(reviewInput).mutation(act(reviewBrokenGlass)),
});
