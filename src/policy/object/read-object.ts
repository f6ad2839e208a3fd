import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import {
  exceptionSpecSchema,
  policySpecSchema,
  type ExceptionSpec,
  type PolicySpec,
} from '../../api/index.ts'
import { at, isJsonObject, member, textOf } from '../../json/index.ts'
import { instantOf } from '../../text/index.ts'
import { compileException, type PatchException } from './patch-exception.ts'
import { compilePolicy, type PatchPolicy, type PolicyOrigin } from './patch-policy.ts'
import { isProblems, type ObjectProblem } from './parts.ts'

/** The policy that an object of the cluster is, or an entry of a file, or what is wrong with it. Never throws, whatever it is given. */
export function readPolicy(
  object: unknown,
  origin: PolicyOrigin = 'cluster',
): PatchPolicy | readonly ObjectProblem[] {
  const spec = checked<PolicySpec>(checks().policy, member(object, 'spec') ?? {})
  if (isProblems(spec)) return spec
  return compilePolicy({ name: textOf(at(object, ['metadata', 'name'])), origin }, spec)
}

/** The exception that an object of the cluster is, or what is wrong with it. Never throws, whatever it is given. */
export function readException(object: unknown, now: number): PatchException | readonly ObjectProblem[] {
  const spec = checked<ExceptionSpec>(checks().exception, member(object, 'spec') ?? {})
  if (isProblems(spec)) return spec
  const metadata = member(object, 'metadata')
  const identity = {
    namespace: textOf(member(metadata, 'namespace')),
    name: textOf(member(metadata, 'name')),
    // The API server sets it; an object that is only about to be created has none yet.
    createdAt: instantOf(textOf(member(metadata, 'creationTimestamp'))) ?? now,
  }
  return compileException(identity, spec)
}

interface Checks {
  readonly policy: ValidateFunction<PolicySpec>
  readonly exception: ValidateFunction<ExceptionSpec>
}

let compiled: Checks | undefined

// Made when the first object is read: most clusters have none, and compiling takes longer than all else at the start.
function checks(): Checks {
  if (compiled !== undefined) return compiled
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    strict: false,
    meta: false,
    validateSchema: false,
  })
  ajv.addFormat('date-time', { type: 'string', validate: text => instantOf(text) !== undefined })
  compiled = {
    policy: ajv.compile<PolicySpec>(policySpecSchema),
    exception: ajv.compile<ExceptionSpec>(exceptionSpecSchema),
  }
  return compiled
}

// Defaults are filled in, so the object of the caller is left alone.
function checked<Spec extends object>(
  check: ValidateFunction<Spec>,
  given: unknown,
): Spec | readonly ObjectProblem[] {
  if (isDeeperThan(mostLevels, given)) return [{ path: 'spec', message: 'it is nested too deeply' }]
  const spec: unknown = structuredClone(given)
  if (!isJsonObject(spec)) return [{ path: 'spec', message: 'it must be an object' }]
  return check(spec) ? spec : (check.errors ?? []).map(problemOf)
}

// Both schemas have fewer. A copy of what is nested without end would overflow the stack.
const mostLevels = 20

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(inner => isDeeperThan(levels - 1, inner))
}

function problemOf({ instancePath, message = 'is invalid', keyword, params }: ErrorObject): ObjectProblem {
  const path = `spec${instancePath.replaceAll(/\/(\d+)/g, '[$1]').replaceAll('/', '.')}`
  switch (keyword) {
    case 'enum':
      return { path, message: `must be one of ${allowedOf(params).join(', ')}` }
    case 'additionalProperties':
      return { path, message: `there is no ${JSON.stringify(textOf(member(params, 'additionalProperty')))}` }
    default:
      return { path, message }
  }
}

function allowedOf(params: unknown): readonly string[] {
  const values = member(params, 'allowedValues')
  return Array.isArray(values) ? values.map(String) : []
}
