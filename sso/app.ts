import { Hono } from 'hono';
export function createSsoApp(_: unknown) { return new Hono<any>(); }
