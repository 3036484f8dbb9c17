import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { invalidArguments, SlackApiError } from './api-error.ts';

/**
 * The arguments of one call. In a form everything is text, lists and objects are JSON in it; in a JSON body they are
 * what they are.
 */
export class Arguments {
  readonly values: JsonObject;

  constructor(values: JsonObject) {
    this.values = values;
  }

  /** @throws SlackApiError `invalid_json` or `invalid_post_type` for a body that Slack does not read. */
  static parse(contentType: string, body: string): Arguments {
    if (contentType.startsWith('application/x-www-form-urlencoded') || body === '') {
      return new Arguments(Object.fromEntries(new URLSearchParams(body)));
    }
    if (!contentType.startsWith('application/json')) throw new SlackApiError('invalid_post_type');
    const parsed = parseJson(body);
    if (!isJsonObject(parsed)) throw new SlackApiError('invalid_json');
    return new Arguments(parsed as JsonObject);
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : String(value);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw invalidArguments(`missing required field: ${name}`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : value === 'true' || value === '1';
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parsed = Number(value);
    if (!Number.isInteger(parsed)) throw invalidArguments(`must be an integer [json-pointer:/${name}]`);
    return parsed;
  }

  /** @throws SlackApiError with `refusal` when it is there and is no list of objects. */
  list(name: string, refusal: string): JsonObject[] | undefined {
    const value = this.#structured(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every(isJsonObject)) throw new SlackApiError(refusal);
    return value;
  }

  object(name: string, refusal: string): JsonObject | undefined {
    const value = this.#structured(name);
    if (value === undefined) return undefined;
    if (!isJsonObject(value)) throw new SlackApiError(refusal);
    return value as JsonObject;
  }

  #structured(name: string): Json | undefined {
    const value = this.values[name];
    if (typeof value !== 'string') return value ?? undefined;
    return value === '' ? undefined : (parseJson(value) ?? value);
  }
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
