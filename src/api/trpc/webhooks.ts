import {
  deliveryInput,
  listDeliveries,
  listDeliveriesInput,
  redeliver,
  testEndpoint,
} from '../../actions/webhooks/webhook-deliveries.ts';
import {
  createEndpoint,
  createEndpointInput,
  endpointInput,
  listEndpoints,
  removeEndpoint,
  rotateSecret,
  updateEndpoint,
  updateEndpointInput,
} from '../../actions/webhooks/webhook-endpoints.ts';
import { pageInput } from '../../domain/pages.ts';
import { router } from './base.ts';
import { onEither } from './on-either.ts';
import { act, read } from './procedures.ts';

export const webhooks = router({
  create: onEither.input(createEndpointInput).mutation(act(createEndpoint)),
  list: onEither.input(pageInput.prefault({})).query(read(listEndpoints)),
  update: onEither.input(updateEndpointInput).mutation(act(updateEndpoint)),
  remove: onEither.input(endpointInput).mutation(act(removeEndpoint)),
  rotateSecret: onEither.input(endpointInput).mutation(act(rotateSecret)),
  test: onEither.input(endpointInput).mutation(act(testEndpoint)),
  deliveries: onEither.input(listDeliveriesInput.prefault({})).query(read(listDeliveries)),
  redeliver: onEither.input(deliveryInput).mutation(act(redeliver)),
});
