import { driftQuerySchema } from '../api/index.ts'
import type { Problem } from './problem.ts'

/** The problem of an error that says a query is not what the schema allows; undefined for any other. */
export function queryProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('validation' in error)) return undefined
  const [first] = Array.isArray(error.validation) ? error.validation : []
  return { status: 400, title: 'The query cannot be read', detail: detailOf(first) ?? error.message }
}

const parameters: Readonly<Record<string, object>> = driftQuerySchema.properties

// What a value may be, where the schema says it in a way that is for machines.
const forms: Readonly<Record<string, string>> = {
  minAge: 'must be a number with m, h or d behind it: 7d, 12h, 30m',
  limit: 'must be a whole number from 1 to 1000',
}

function detailOf(error: unknown): string | undefined {
  const keyword = field(error, 'keyword')
  const params = field(error, 'params')
  if (keyword === 'additionalProperties')
    return `there is no parameter ${String(field(params, 'additionalProperty'))}; there are ${Object.keys(parameters).join(', ')}`
  const name = String(field(error, 'instancePath')).slice(1)
  if (!Object.hasOwn(parameters, name)) return undefined
  const allowed = field(params, 'allowedValues')
  if (Array.isArray(allowed)) return `${name}: must be one of ${allowed.join(', ')}`
  if (keyword === 'maxLength')
    return `${name}: must have at most ${String(field(params, 'limit'))} characters`
  return `${name}: ${forms[name] ?? 'must be given once'}`
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
