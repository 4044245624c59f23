/** One audit event, as large as the service's own: tenant, id, moment, action, user. */
export const auditStatement = `
  insert into audit_events
    (tenant_id, id, at, action, actor_kind, actor_id, target_kind, target_id, request_id, details, personal)
  values ($1, $2, $3, $4, 'scim', $2, 'user', $5, ($2::uuid)::text, '{"version":2}',
    ('{"origin":"' || repeat('x', 120) || '"}')::jsonb)`;
