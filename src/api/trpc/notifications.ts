import {
  listNotifications,
  listNotificationsInput,
  listTenantlessNotifications,
} from '../../actions/notifications/notification-log.ts';
import { router } from './base.ts';
import { onControlPlane, onTenant, read } from './procedures.ts';

export const notifications = router({
  list: onTenant.input(listNotificationsInput.prefault({})).query(read(listNotifications)),
  listTenantless: onControlPlane
    .input(listNotificationsInput.prefault({}))
    .query(read(listTenantlessNotifications)),
});
