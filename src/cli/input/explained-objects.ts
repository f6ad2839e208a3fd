import { at, member, textOf } from '../../json/index.ts'
import { isDnsSubdomain } from '../../text/index.ts'
import {
  isProblems,
  orderPolicies,
  readException,
  readPolicy,
  type PatchException,
  type PatchPolicy,
  type PolicySource,
} from '../../policy/index.ts'
import {
  customKinds,
  objectKindOf,
  shippedKinds,
  workloadKinds,
  workloadKindsOf,
  type CustomKind,
  type WorkloadKind,
} from '../../workload/index.ts'
import { UsageError, type Terminal } from '../terminal/terminal.ts'
import { readNamedFile, yamlObjects } from './yaml-documents.ts'

/** A workload by its kind and its name, as kubectl takes it. */
export interface NamedWorkload {
  readonly kind: WorkloadKind
  readonly name: string
}

const shortNames: Readonly<Record<string, string>> = {
  po: 'pods',
  deploy: 'deployments',
  sts: 'statefulsets',
  ds: 'daemonsets',
  rs: 'replicasets',
  cj: 'cronjobs',
  rc: 'replicationcontrollers',
}

/**
 * The workload that `deployment/web`, `deploy/web`, `deployments.apps/web` or, of a custom kind, `rollouts.argoproj.io/web` names.
 * A custom kind needs its group: Knative's Service is another than that of Kubernetes. @throws UsageError
 */
export function workloadNamed(text: string, custom: readonly CustomKind[]): NamedWorkload {
  const [kindName = '', name = '', more] = text.split('/')
  const [plural = '', ...rest] = kindName.toLowerCase().split('.')
  const group = rest.join('.')
  const kinds =
    group === '' ? workloadKinds : [...workloadKinds, ...customKinds([...shippedKinds, ...custom])]
  const kind = kinds.find(
    one =>
      (group === '' || group === one.group) &&
      [one.resource, one.kind.toLowerCase()].includes(shortNames[plural] ?? plural),
  )
  if (kind === undefined || more !== undefined || !isDnsSubdomain(name))
    throw new UsageError(
      `${JSON.stringify(text)} names no workload; write deployment/web, a custom kind with its group (rollouts.argoproj.io/web), or -f FILE`,
    )
  return { kind, name }
}

/** A workload of a file or of the cluster. */
export interface FoundWorkload {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly object: unknown
}

/** How the workloads of a file are read. */
export interface FileReading {
  /** Of those that name none. */
  readonly namespace: string
  /** The kinds of the configuration. */
  readonly custom: readonly CustomKind[]
  readonly terminal: Terminal
}

/** The workloads in a file of YAML or JSON. @throws UsageError */
export function workloadsIn(
  path: string,
  { namespace, custom, terminal }: FileReading,
): readonly FoundWorkload[] {
  const kindOf = workloadKindsOf(custom)
  const found = documentsIn(path, terminal).flatMap(object => {
    const kind = kindOf(objectKindOf(textOf(member(object, 'apiVersion')), textOf(member(object, 'kind'))))
    const own = textOf(at(object, ['metadata', 'namespace']))
    return kind === undefined ? [] : [{ kind, object, namespace: own === '' ? namespace : own }]
  })
  if (found.length === 0) throw new UsageError(`${path} has no workload: Deployment, StatefulSet, Pod, …`)
  return found
}

/** The policies and exceptions in some files, in place of those of the cluster. @throws UsageError that names what is wrong */
export function policiesIn(paths: readonly string[], terminal: Terminal): PolicySource {
  const policies: PatchPolicy[] = []
  const exceptions: PatchException[] = []
  for (const path of paths)
    for (const object of documentsIn(path, terminal)) {
      const kind = textOf(member(object, 'kind'))
      const read =
        kind === 'PatchPolicy'
          ? readPolicy(object)
          : kind === 'PatchException'
            ? readException(object, Date.now())
            : undefined
      if (read === undefined) continue
      if (isProblems(read)) throw new UsageError(problemText(path, object, read))
      if ('priority' in read) policies.push(read)
      else exceptions.push(read)
    }
  if (policies.length + exceptions.length === 0)
    throw new UsageError(`${paths.join(', ')}: no PatchPolicy and no PatchException in there`)
  const ordered = orderPolicies(policies)
  return {
    policies: () => ordered,
    exceptionsIn: namespace => exceptions.filter(one => one.namespace === namespace),
    now: Date.now,
  }
}

function problemText(
  path: string,
  object: unknown,
  problems: readonly { readonly path: string; readonly message: string }[],
): string {
  const name = `${textOf(member(object, 'kind'))} ${textOf(at(object, ['metadata', 'name']))}`
  return `${path}: ${name}: ${problems.map(one => `${one.path}: ${one.message}`).join('; ')}`
}

function documentsIn(path: string, terminal: Terminal): readonly unknown[] {
  return yamlObjects(path, readNamedFile(path, terminal))
}
