import { assert, double, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  nextTry,
  readWebhookUrl,
  reasonToDisable,
  retryDelaysSeconds,
  lifecycleEventTypes,
} from '../../src/domain/webhooks.ts';
import { announcements } from '../../src/domain/lifecycle/announcements.ts';
import { refusalOf } from './verdict.ts';

const now = new Date('2026-11-25T12:00:00Z');
const hour = 3600;
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

test('an event is tried 22 times: at once, then after times that double up to eight hours, three days in all', () => {
  const total = retryDelaysSeconds.reduce((sum, delay) => sum + delay, 0);

  expect(retryDelaysSeconds.slice(0, 6)).toEqual([5, 10, 20, 40, 80, 160]);
  expect(Math.max(...retryDelaysSeconds)).toBe(8 * hour);
  expect(retryDelaysSeconds).toHaveLength(21);
  expect(total).toBe(72 * hour);
});

test('a try is a fifth earlier at most, a fifth later at most, and never sooner than that', () => {
  const tries = integer({ min: 1, max: retryDelaysSeconds.length });
  const chances = double({ min: 0, max: 1, noNaN: true });

  assert(
    property(tries, chances, (failures, chance) => {
      const planned = (retryDelaysSeconds[failures - 1] ?? 0) * 1000;
      const waits = (nextTry(failures, now, chance)?.getTime() ?? 0) - now.getTime();
      expect(waits).toBeGreaterThanOrEqual(Math.floor(planned * 0.8));
      expect(waits).toBeLessThanOrEqual(Math.ceil(planned * 1.2));
    }),
  );
});

test('after the last try there is none', () => {
  expect(nextTry(retryDelaysSeconds.length, now, 0.5)).toBeInstanceOf(Date);
  expect(nextTry(retryDelaysSeconds.length + 1, now, 0.5)).toBeNull();
});

describe('an endpoint is switched off', () => {
  test.each([
    ['at once when it answers 410', 410, ago(0), 'it answered 410 Gone'],
    [
      'after three days of nothing but failures',
      500,
      ago(72 * hour),
      'nothing could be delivered for 3 days',
    ],
    ['also when nothing was answered at all', null, ago(80 * hour), 'nothing could be delivered for 3 days'],
  ])('%s', (_, status, since, reason) => {
    expect(reasonToDisable(status, since, now)).toBe(reason);
  });

  test('and not a second before', () => {
    expect(reasonToDisable(500, ago(72 * hour - 1), now)).toBeNull();
    expect(reasonToDisable(404, ago(0), now)).toBeNull();
  });
});

describe('a URL', () => {
  test.each([
    ['https://hooks.example/in', 'https://hooks.example/in'],
    ['https://hooks.example:8443/in?key=1', 'https://hooks.example:8443/in?key=1'],
    ['HTTPS://Hooks.Example#part', 'https://hooks.example/'],
    ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/'],
  ])('%s is posted to as %s', (text, url) => {
    expect(readWebhookUrl(text, { plainHttp: false })).toBe(url);
  });

  test.each([
    ['http://hooks.example/', 'url: must begin with https://'],
    ['ftp://hooks.example/', 'url: must begin with https://'],
    ['file:///etc/passwd', 'url: must begin with https://'],
    ['javascript:alert(1)', 'url: must begin with https://'],
    ['hooks.example', 'url: not a URL'],
    ['https://', 'url: not a URL'],
    ['https://me:secret@hooks.example/', 'url: must not hold a user name or a password'],
    ['https://me@hooks.example/', 'url: must not hold a user name or a password'],
  ])('%s is refused: %s', (text, message) => {
    const refusal = refusalOf(() => readWebhookUrl(text, { plainHttp: false }));

    expect(refusal).toMatchObject({ reason: 'INVALID_INPUT', message });
  });

  test('may be http where the operator allows it, and still nothing else', () => {
    expect(readWebhookUrl('http://10.0.0.7/in', { plainHttp: true })).toBe('http://10.0.0.7/in');
    expect(refusalOf(() => readWebhookUrl('ws://10.0.0.7/in', { plainHttp: true }))).toMatchObject({
      reason: 'INVALID_INPUT',
    });
  });
});

test('every type but that of a purged tenant is told by something that happens in a tenant’s life', () => {
  const told = new Set(Object.values(announcements).flatMap(({ webhook }) => webhook ?? []));

  expect([...told, 'tenant.purged'].toSorted()).toEqual(lifecycleEventTypes.toSorted());
});
