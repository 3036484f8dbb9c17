import type * as z from 'zod';
import { ApiError, type FieldProblem } from './api-error.ts';

/**
 * Reads a request's JSON by a schema.
 * @throws ApiError 50035 with every wrong field, as Discord reports them.
 */
export function readForm<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {}, { reportInput: true });
  if (result.success) return result.data;
  throw new ApiError('invalidForm', result.error.issues.map(problem));
}

/** A form problem found behind the schema, such as two fields that exclude each other. */
export function refuseField(path: readonly PropertyKey[], code: string, message: string): never {
  throw new ApiError('invalidForm', [{ path, code, message }]);
}

function problem(issue: z.core.$ZodIssue): FieldProblem {
  const { path } = issue;
  const sized = 'origin' in issue && (issue.origin === 'string' || issue.origin === 'array');
  if (issue.code === 'too_big' && sized) {
    return {
      path,
      code: 'BASE_TYPE_MAX_LENGTH',
      message: `Must be ${issue.maximum} or fewer in length.`,
    };
  }
  if (issue.code === 'too_small' && sized) {
    return { path, code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${issue.minimum} or more in length.` };
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return { path, code: 'BASE_TYPE_REQUIRED', message: 'This field is required' };
  }
  if (issue.code === 'invalid_value') {
    return {
      path,
      code: 'BASE_TYPE_CHOICES',
      message: `Value must be one of {${issue.values.map(String).join(', ')}}.`,
    };
  }
  return { path, code: 'BASE_TYPE_BAD_VALUE', message: issue.message };
}
