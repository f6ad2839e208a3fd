import { shellWords } from '../text/index.ts'

/**
 * The problems of an inventory with one sentence for all kinds that may not be listed in one place, and the commands by which an
 * administrator allows it: who has no rights at all has none for ten kinds.
 */
export function withRightsTogether(problems: readonly string[]): readonly string[] {
  const groups = Map.groupBy(problems, problem => rightOf(problem)?.place ?? problem)
  return [...groups.values()].flatMap(group => {
    const rights = group.flatMap(problem => rightOf(problem) ?? [])
    return rights.length > 1 ? [sentenceOf(rights)] : group
  })
}

interface Right {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined
  /** The same for what one binding allows. */
  readonly place: string
  readonly user: string
  readonly resource: string
  readonly group: string
}

// What a refused list of the inventory says, and its advice (one object only, a namespace, takes another kind of binding).
const refused =
  /: 403 (?<said>.*); add to (?:its ClusterRole|a Role in (?<namespace>\S+)): \{ apiGroups: \['(?<group>[^']*)'\], resources: \[(?<resource>[^\]]*)\], verbs: \[list, watch\] \}$/s

function rightOf(problem: string): Right | undefined {
  const { said = '', namespace, group = '', resource } = refused.exec(problem)?.groups ?? {}
  if (resource === undefined) return undefined
  const user = /User "([^"]+)"/.exec(said)?.[1] ?? 'USER'
  return { namespace, place: JSON.stringify([namespace, user]), user, resource, group }
}

const role = 'patchline-reader'

function sentenceOf(rights: readonly Right[]): string {
  const [first] = rights
  if (first === undefined) return ''
  const { namespace, user } = first
  const names = rights.map(({ resource }) => resource).join(', ')
  const where = namespace === undefined ? '' : ` in ${namespace}`
  const resources = rights.map(({ resource, group }) => (group === '' ? resource : `${resource}.${group}`))
  const allow = ['create', 'clusterrole', role, '--verb=list,watch', `--resource=${resources.join(',')}`]
  const binding =
    namespace === undefined
      ? ['create', 'clusterrolebinding', role]
      : ['-n', namespace, 'create', 'rolebinding', role]
  const bind = [...binding, `--clusterrole=${role}`, `--user=${user}`]
  const commands = [allow, bind].map(words => shellWords(['kubectl', ...words])).join(' && ')
  return `${user === 'USER' ? 'you' : user} may not list ${names}${where}; an administrator allows it by: ${commands}`
}
