import { at } from '../../src/json/index.ts'

/**
 * What keeps a schema from being structural, and its rules from having a known cost, each with its path: the rules of
 * k8s.io/apiextensions-apiserver, `pkg/apis/apiextensions/validation` and `pkg/apiserver/schema`, for the keywords used here.
 */
export function structuralProblems(node: unknown, path = ''): readonly string[] {
  const kind = at(node, ['type'])
  const unknown = keysOf(node).filter(key => !keywords.has(key))
  return [
    ...(types.has(kind) ? [] : ['no type']),
    ...unknown.map(key => `${key} is not allowed`),
    ...problemsOfMap(node),
    ...problemsOfList(node),
    ...(isBounded(node) ? [] : ['no limit']),
    ...validationsOf(node).flatMap(problemsOfRule),
  ]
    .map(problem => `${path === '' ? '.' : path}: ${problem}`)
    .concat(childrenOf(node).flatMap(([name, child]) => structuralProblems(child, `${path}.${name}`)))
}

const types = new Set<unknown>(['object', 'array', 'string', 'integer', 'number', 'boolean'])
const keywords = new Set(
  (
    'type description default enum format pattern required properties items additionalProperties minimum maximum ' +
    'minLength maxLength minItems maxItems maxProperties ' +
    'x-kubernetes-validations x-kubernetes-list-type x-kubernetes-list-map-keys'
  ).split(' '),
)

function keysOf(node: unknown): readonly string[] {
  return typeof node === 'object' && node !== null ? Object.keys(node) : []
}

function listOf(node: unknown, key: string): readonly unknown[] {
  const found = at(node, [key])
  return Array.isArray(found) ? found : []
}

function childrenOf(node: unknown): readonly (readonly [name: string, child: unknown])[] {
  const properties = at(node, ['properties'])
  const additional = at(node, ['additionalProperties'])
  const items = at(node, ['items'])
  return [
    ...keysOf(properties).map(name => [name, at(properties, [name])] as const),
    ...(typeof additional === 'object' ? [['*', additional] as const] : []),
    ...(items === undefined ? [] : [['[]', items] as const]),
  ]
}

function problemsOfMap(node: unknown): readonly string[] {
  const properties = at(node, ['properties'])
  const additional = at(node, ['additionalProperties'])
  const unnamed = listOf(node, 'required').filter(name => at(properties, [String(name)]) === undefined)
  return [
    ...(additional === false ? ['additionalProperties must not be false'] : []),
    ...(properties !== undefined && additional !== undefined
      ? ['properties beside additionalProperties']
      : []),
    ...unnamed.map(name => `${String(name)} is required and not there`),
  ]
}

function problemsOfList(node: unknown): readonly string[] {
  const items = at(node, ['items'])
  if (at(node, ['type']) !== 'array') return items === undefined ? [] : ['items of what is no array']
  if (items === undefined || Array.isArray(items)) return ['an array needs one schema of its items']
  const keys = listOf(node, 'x-kubernetes-list-map-keys')
  const listType = at(node, ['x-kubernetes-list-type'])
  if (listType === 'map')
    return keys.length > 0 && keys.every(key => listOf(items, 'required').includes(key))
      ? []
      : ['a map without required keys']
  return listType === 'set' && !isScalar(items) ? ['a set of what is no scalar'] : []
}

function isScalar(node: unknown): boolean {
  const type = at(node, ['type'])
  return type !== 'object' && type !== 'array'
}

// Without a limit the API server takes a text or a list to be as long as a request, and refuses the rules below it.
function isBounded(node: unknown): boolean {
  const has = (key: string) => at(node, [key]) !== undefined
  switch (at(node, ['type'])) {
    case 'array':
      return has('maxItems')
    case 'string':
      return has('maxLength') || has('enum') || has('format')
    case 'object':
      return !has('additionalProperties') || has('maxProperties')
    default:
      return true
  }
}

function validationsOf(node: unknown): readonly unknown[] {
  return listOf(node, 'x-kubernetes-validations')
}

function problemsOfRule(rule: unknown): readonly string[] {
  const message = at(rule, ['message'])
  return typeof message === 'string' && message !== '' && !message.includes('\n') && message.length <= 2048
    ? []
    : ['a rule without a message of one line']
}
