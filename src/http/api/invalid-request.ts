import type { FastifyError } from 'fastify'
import { itemsOf, member } from '../../json/index.ts'
import type { HttpProblem } from '../operations/problems.ts'

/** The problem of a request that Fastify or a schema refuses; undefined for a fault of ours. */
export function invalidRequest(error: FastifyError): HttpProblem | undefined {
  if (error.validation !== undefined) {
    const [first] = itemsOf(error.validation)
    const what = error.validationContext === 'querystring' ? 'query' : 'body'
    return { status: 400, title: `The ${what} cannot be read`, detail: detailOf(first, what) }
  }
  const { statusCode = 500, message } = error
  if (statusCode === 413) return { status: 413, title: 'The body is too large', detail: message }
  if (statusCode === 415)
    return { status: 415, title: 'The body is of another type', detail: 'send application/json' }
  return statusCode < 500
    ? { status: statusCode, title: 'The request cannot be read', detail: message }
    : undefined
}

function detailOf(error: unknown, what: string): string {
  const params = member(error, 'params')
  const path = String(member(error, 'instancePath')).slice(1).replaceAll('/', '.')
  const where = path === '' ? `the ${what}` : path
  switch (member(error, 'keyword')) {
    case 'additionalProperties':
      return `${where} has no ${JSON.stringify(member(params, 'additionalProperty'))}`
    case 'required':
      return `${where} lacks ${String(member(params, 'missingProperty'))}`
    case 'enum':
      return `${where} must be one of ${itemsOf(member(params, 'allowedValues')).join(', ')}`
    default:
      return `${where} ${String(member(error, 'message'))}`
  }
}
