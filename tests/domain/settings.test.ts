import { describe, expect, test } from 'vitest';
import {
  changeSettings,
  defaultSettings,
  tenantSettings,
  tenantSettingsChange,
} from '../../src/domain/lifecycle/settings.ts';

test('a new tenant has UTC, English, no contacts, the plan’s retention, sessions of a month and no further origins', () => {
  expect(defaultSettings()).toEqual({
    timeZone: 'UTC',
    locale: 'en',
    contacts: { technical: null, billing: null, security: null },
    retentionDays: null,
    sessionDays: 30,
    redirectOrigins: [],
  });
});

const origins = (count: number) =>
  Array.from({ length: count }, (_, index) => `https://app-${index}.example`);

const good = [
  { timeZone: 'UTC' },
  { timeZone: 'Europe/Zurich' },
  { locale: 'de-CH' },
  { locale: 'zh-Hant-TW' },
  { contacts: { security: 'security@example.com' } },
  { contacts: { billing: null } },
  { retentionDays: 1 },
  { retentionDays: 3650 },
  { retentionDays: null },
  { redirectOrigins: origins(20) },
  { redirectOrigins: ['https://app.example:8443'] },
  { redirectOrigins: ['http://localhost:5173', 'http://127.0.0.1', 'http://[::1]:8080'] },
];

const bad = [
  { timeZone: 'Mars/Olympus' },
  { timeZone: '' },
  { locale: 'de_CH' },
  { locale: '' },
  { contacts: { billing: 'nobody' } },
  { retentionDays: 0 },
  { retentionDays: 3651 },
  { retentionDays: 1.5 },
  { redirectOrigins: origins(21) },
  { redirectOrigins: ['https://app.example/'] },
  { redirectOrigins: ['https://app.example/path'] },
  { redirectOrigins: ['https://someone@app.example'] },
  { redirectOrigins: ['HTTPS://APP.EXAMPLE'] },
  { redirectOrigins: ['http://app.example'] },
  { redirectOrigins: ['http://localhost.example'] },
  { redirectOrigins: ['javascript:alert(1)'] },
  { redirectOrigins: ['null'] },
  { redirectOrigins: ['*'] },
];

describe('as a whole and as a change', () => {
  test.each(good)('%j is good', (settings) => {
    expect(tenantSettings.safeParse(settings).success).toBe(true);
    expect(tenantSettingsChange.safeParse(settings).success).toBe(true);
  });

  test.each([{ contacts: { sales: 'sales@example.com' } }, { color: 'red' }])(
    '%j is stored by nobody: as a change its unknown field is ignored',
    (settings) => {
      expect(tenantSettings.safeParse(settings).success).toBe(false);
      expect(changeSettings(defaultSettings(), tenantSettingsChange.parse(settings))).toEqual(
        defaultSettings(),
      );
    },
  );

  test.each(bad)('%j is refused', (settings) => {
    expect(tenantSettings.safeParse(settings).success).toBe(false);
    expect(tenantSettingsChange.safeParse(settings).success).toBe(false);
  });
});

const current = tenantSettings.parse({
  timeZone: 'Europe/Zurich',
  locale: 'de-CH',
  contacts: { technical: 'tech@example.com', billing: 'billing@example.com' },
  retentionDays: 90,
  redirectOrigins: ['https://one.example', 'https://two.example'],
});

test.each([
  [{}, {}],
  [{ timeZone: 'America/Toronto' }, { timeZone: 'America/Toronto' }],
  [{ retentionDays: null }, { retentionDays: null }],
  [{ redirectOrigins: ['https://three.example'] }, { redirectOrigins: ['https://three.example'] }],
  [{ redirectOrigins: [] }, { redirectOrigins: [] }],
  [
    { contacts: { billing: null, security: 'security@example.com' } },
    { contacts: { technical: 'tech@example.com', billing: null, security: 'security@example.com' } },
  ],
])('the change %j leaves all else as it was', (change, changed) => {
  const parsed = tenantSettingsChange.parse(change);

  const after = changeSettings(current, parsed);

  expect(after).toEqual({ ...current, ...changed });
});
