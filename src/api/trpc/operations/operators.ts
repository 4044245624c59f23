import {
  createOperator,
  createOperatorInput,
  listOperators,
  operatorInput,
  revokeOperator,
  rotateOperatorToken,
  setOperatorRole,
  setOperatorRoleInput,
} from '../../../actions/operations/operators.ts';
import { pageInput } from '../../../domain/pages.ts';
import {
  createServiceClient,
  createServiceClientInput,
  listServiceClients,
  revokeServiceClient,
  rotateServiceClient,
  serviceClientInput,
} from '../../../actions/operations/service-clients.ts';
import { router } from '../base.ts';
import { act, onControlPlane, read } from '../procedures.ts';

export const operators = router({
  create: onControlPlane.input(createOperatorInput).mutation(act(createOperator)),
  list: onControlPlane.input(pageInput.prefault({})).query(read(listOperators)),
  setRole: onControlPlane.input(setOperatorRoleInput).mutation(act(setOperatorRole)),
  revoke: onControlPlane.input(operatorInput).mutation(act(revokeOperator)),
  rotateToken: onControlPlane.mutation(act(rotateOperatorToken)),
});

export const serviceClients = router({
  create: onControlPlane.input(createServiceClientInput).mutation(act(createServiceClient)),
  list: onControlPlane.input(pageInput.prefault({})).query(read(listServiceClients)),
  rotate: onControlPlane.input(serviceClientInput).mutation(act(rotateServiceClient)),
  revoke: onControlPlane.input(serviceClientInput).mutation(act(revokeServiceClient)),
});
