import {
  isProblems,
  readException,
  readPolicy,
  type FilePolicies,
  type ObjectProblem,
  type PatchException,
  type PatchPolicy,
} from '../../policy/index.ts'
import type { Problem, ValidParts } from '../schema/validate.ts'

/** What was read of the policies and exceptions of a file, and what is wrong with the others. */
interface ReadPolicies {
  readonly read: FilePolicies
  readonly problems: readonly Problem[]
}

/** The policies and exceptions that the valid parts of a file are. */
export function readPolicies({
  policies,
  exceptions,
}: Pick<ValidParts, 'policies' | 'exceptions'>): ReadPolicies {
  const problems: Problem[] = []
  const add = (path: string, found: readonly ObjectProblem[]): void =>
    void problems.push(...found.map(one => ({ path: `${path}.${one.path}`, message: one.message })))
  const read: { policies: PatchPolicy[]; exceptions: PatchException[] } = { policies: [], exceptions: [] }
  for (const [at, policy] of policies.entries()) {
    if (policy === undefined) continue
    const outcome = readPolicy({ metadata: { name: policy.name }, spec: policy.spec }, 'file')
    if (isProblems(outcome)) add(`policies[${at}]`, outcome)
    else read.policies.push(outcome)
  }
  for (const [at, exception] of exceptions.entries()) {
    if (exception === undefined) continue
    const { name, namespace, created, spec } = exception
    const metadata = { name: `file/${name}`, namespace, creationTimestamp: created }
    const outcome = readException({ metadata, spec }, 0)
    if (isProblems(outcome)) add(`exceptions[${at}]`, outcome)
    else read.exceptions.push(outcome)
  }
  return { read, problems: [...problems, ...repeatedNames({ policies, exceptions })] }
}

function repeatedNames({
  policies,
  exceptions,
}: Pick<ValidParts, 'policies' | 'exceptions'>): readonly Problem[] {
  return [
    ...repeatedIn(
      'policies',
      policies.map(policy => policy?.name),
    ),
    ...repeatedIn(
      'exceptions',
      exceptions.map(exception => exception && `${exception.namespace}/${exception.name}`),
    ),
  ]
}

function repeatedIn(list: string, names: readonly (string | undefined)[]): readonly Problem[] {
  return names.flatMap((name, at) => {
    const first = names.indexOf(name)
    if (name === undefined || first === at) return []
    return [{ path: `${list}[${at}].name`, message: `${name} is there already, as ${list}[${first}]` }]
  })
}
