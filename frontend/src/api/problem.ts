import axios from 'axios'
import type { FieldCode, FieldProblem } from '@/lib/fieldProblem'
import type { Problem } from './types'

/** Any failed request. Status 0 means that no answer came: code `network`, `timeout` or `cancelled`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Sentences by input name. */
    readonly fields: Readonly<Record<string, string>> = {},
    readonly requestId: string | null = null,
    /** Seconds. */
    readonly retryAfter: number | null = null,
    /** Codes by input name, of which pages make their sentences. */
    readonly fieldCodes: Readonly<Record<string, FieldCode>> = {},
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** What is wrong with each input that is to blame. */
  get problems(): Record<string, FieldProblem> {
    return { ...this.fields, ...this.fieldCodes }
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'cancelled'
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (axios.isCancel(error)) return new ApiError(0, 'cancelled', 'cancelled')
  if (!axios.isAxiosError(error)) return new ApiError(0, 'internal', error instanceof Error ? error.message : '')
  const { response } = error
  if (!response) return new ApiError(0, error.code === 'ECONNABORTED' ? 'timeout' : 'network', error.message)
  const requestId = header(response.headers, 'x-request-id')
  const retryAfter = Number.parseInt(header(response.headers, 'retry-after') ?? '', 10)
  const wait = Number.isNaN(retryAfter) ? null : retryAfter
  const body: unknown = response.data
  if (!isProblem(body)) {
    const code = response.status >= 500 ? 'unavailable' : 'bad_request'
    return new ApiError(response.status, code, error.message, {}, requestId, wait)
  }
  const id = body.request_id ?? requestId
  return new ApiError(response.status, body.error, body.message, body.fields, id, wait, body.field_codes)
}

function header(headers: unknown, name: string): string | null {
  const value = (headers as Record<string, unknown> | undefined)?.[name]
  return typeof value === 'string' ? value : null
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string'
}
