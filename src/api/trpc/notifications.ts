import { listNotifications, listNotificationsInput } from '../../actions/notifications/notification-log.ts';
import { router } from './base.ts';
import { onEither } from './on-either.ts';
import { read } from './procedures.ts';

export const notifications = router({
  list: onEither.input(listNotificationsInput.prefault({})).query(read(listNotifications)),
});
