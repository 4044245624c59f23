import type { Context } from 'hono';
import type { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import { invalidInput } from '../input.ts';

/** Reads a JSON body into its type, or refuses with `INVALID_INPUT` and what is wrong with it. */
export async function readJson<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  return parse(schema, await readText(c));
}

/** Reads a form body (`application/x-www-form-urlencoded`), as the OAuth endpoints are asked; JSON is taken too. */
export async function readForm<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  if (c.req.header('content-type')?.includes('json')) return readJson(c, schema);
  return check(schema, Object.fromEntries(new URLSearchParams(await c.req.text())));
}

async function readText(c: Context): Promise<string> {
  const text = await c.req.text();
  return text === '' ? '{}' : text;
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('INVALID_INPUT', 'the body is not JSON');
  }
  return check(schema, value);
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}
