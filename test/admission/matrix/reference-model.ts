import type { Mode } from '../../../src/policy/index.ts'

/** An image as the tables of docs/enforcement.md see it; the model parses nothing and asks nothing. */
export interface ModelImage {
  readonly text: string
  /** One for all spellings of the same image. */
  readonly identity: string
  readonly repository: string
  /** By how many versions it is outdated; 0 where it is not. */
  readonly behind: number
  /** The second number of its line and of all that is newer in it is even. */
  readonly isOfEvenLine: boolean
  /** Worth a warning, though not outdated: it floats, or is no reference. */
  readonly isOdd: boolean
  /** The field and the name of its container. */
  readonly place: string
}

/** One request. `own` is the owner of rule 1 of "What a controller may do", `foreign` any other built-in kind. */
export interface ModelRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly kind: string
  readonly subresource: string
  /** Whether the resource, or the subresource, has a pod or a pod template. */
  readonly hasPodSpec: boolean
  readonly images: readonly ModelImage[]
  readonly oldImages: readonly ModelImage[]
  /** Its pods are made anew. */
  readonly rollsOut: boolean
  readonly owner: 'none' | 'not a controller' | 'custom' | 'foreign' | 'own'
  readonly user: 'person' | 'node' | 'configured' | 'account' | 'kube-system' | 'rule 1'
  readonly saysMirror: boolean
  readonly namespace: string
  readonly mode: Mode
  /** The release channel that a policy says. */
  readonly releaseChannel: 'any' | 'even'
  /** Its metadata has a place for annotations. */
  readonly isAnnotatable: boolean
  /** The identities of what runs in the namespace. */
  readonly running: ReadonlySet<string>
}

/** What comes of a request; `named` are the images that the person reads about. */
export interface ModelOutcome {
  readonly allowed: boolean
  readonly warned: boolean
  readonly named: readonly string[]
  readonly spared: boolean
  readonly patched: boolean
}

/** The outcome that docs/enforcement.md asks for, where docs/policies.md says what a release channel leaves out. */
export function modelOutcome(asked: ModelRequest): ModelOutcome {
  const request = {
    ...asked,
    images: asked.images.map(one => inChannel(one, asked)),
    oldImages: asked.oldImages.map(one => inChannel(one, asked)),
  }
  const mode = isNeverRefused(request) && request.mode === 'enforce' ? 'warn' : request.mode
  if (!request.hasPodSpec || !['CREATE', 'UPDATE'].includes(request.operation) || mode === 'off')
    return nothing
  const held = mode === 'enforce' ? request.images.filter(one => isHeld(one, request)) : []
  const spared = isChild(request) ? held : []
  const refused = isChild(request) ? [] : held.filter(one => !makesNothingWorse(one, request))
  const others = mode === 'audit' ? [] : request.images.filter(one => !refused.includes(one))
  const told = others.filter(one => isTold(one, request))
  return {
    allowed: refused.length === 0,
    warned: told.length > 0,
    named: [...new Set([...refused, ...told].map(({ text }) => text))].toSorted(),
    spared: spared.length > 0,
    patched: isPatched(request),
  }
}

const nothing: ModelOutcome = { allowed: true, warned: false, named: [], spared: false, patched: false }

// All that is newer is of the same line: outside of the channel nothing is offered.
function inChannel(image: ModelImage, { releaseChannel }: ModelRequest): ModelImage {
  return releaseChannel === 'even' && !image.isOfEvenLine ? { ...image, behind: 0 } : image
}

function isHeld(image: ModelImage, request: ModelRequest): boolean {
  return image.behind > 0 && isBroughtIn(image, request) && !isOfRule1(request) && !isMirror(request)
}

function isTold(image: ModelImage, request: ModelRequest): boolean {
  return hasReader(request) && isMadeToRun(image, request) && (image.behind > 0 || image.isOdd)
}

function isPatched(request: ModelRequest): boolean {
  const { images, subresource, isAnnotatable } = request
  return hasReader(request) && !isMirror(request) && subresource === '' && images.length > 0 && isAnnotatable
}

function isNeverRefused({ namespace }: ModelRequest): boolean {
  return ['kube-system', 'kube-public', 'kube-node-lease', 'patchline'].includes(namespace)
}

function isOfRule1({ owner, user }: ModelRequest): boolean {
  return owner === 'own' && user === 'rule 1'
}

function isMirror({ kind, saysMirror, user }: ModelRequest): boolean {
  return kind === 'Pod' && saysMirror && user === 'node'
}

function isChild({ operation, subresource, owner, user }: ModelRequest): boolean {
  const hasController = ['custom', 'foreign', 'own'].includes(owner)
  return operation === 'CREATE' && subresource === '' && hasController && !['person', 'node'].includes(user)
}

function hasReader({ owner, user }: ModelRequest): boolean {
  return !['foreign', 'own'].includes(owner) && ['person', 'node', 'account'].includes(user)
}

function isBroughtIn({ identity }: ModelImage, { operation, oldImages }: ModelRequest): boolean {
  return operation === 'CREATE' || !oldImages.some(old => old.identity === identity)
}

function isMadeToRun(image: ModelImage, request: ModelRequest): boolean {
  if (request.operation === 'CREATE') return true
  return request.kind === 'Pod' ? isBroughtIn(image, request) : request.rollsOut
}

function makesNothingWorse(image: ModelImage, request: ModelRequest): boolean {
  const { operation, subresource, kind, owner, oldImages, running } = request
  if (operation === 'UPDATE')
    return oldImages.some(
      ({ place, repository, behind }) =>
        place === image.place && repository === image.repository && behind > 0 && behind >= image.behind,
    )
  const isBarePod = kind === 'Pod' && ['none', 'not a controller'].includes(owner)
  const isCopy = isBarePod || (kind === 'Job' && owner === 'own')
  return subresource === '' && isCopy && running.has(image.identity)
}
