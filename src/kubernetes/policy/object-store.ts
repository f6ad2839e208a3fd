import { createHash } from 'node:crypto'
import { at, member, textOf } from '../../json/index.ts'
import { isProblems, type ObjectProblem } from '../../policy/index.ts'
import type { ObservedObject } from '../../report/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import type { ObjectReader, ObjectSink } from '../watch/list-spec.ts'

/** A version of a policy or an exception, as it was listed or watched. */
export interface ObjectVersion extends Pick<
  ObservedObject<unknown>,
  'namespace' | 'name' | 'resourceVersion' | 'generation' | 'status'
> {
  readonly uid: string
  /** A hash: the same for the same spec. */
  readonly content: string
  readonly object: unknown
}

/** The parts of a policy or an exception that are read. */
export const objectReader: ObjectReader<ObjectVersion> = {
  read(object, what) {
    const metadata = member(object, 'metadata')
    const [uid, name] = [textOf(member(metadata, 'uid')), textOf(member(metadata, 'name'))]
    if (uid === '' || name === '')
      throw new KubernetesError('invalid-answer', { what, why: 'an object without a name or a uid' })
    const generation = member(metadata, 'generation')
    const spec = JSON.stringify(member(object, 'spec')) ?? ''
    return {
      uid,
      namespace: textOf(member(metadata, 'namespace')),
      name,
      resourceVersion: textOf(at(metadata, ['resourceVersion'])),
      generation: typeof generation === 'number' ? generation : 0,
      status: member(object, 'status'),
      content: createHash('sha256').update(spec).digest('base64'),
      object,
    }
  },
  shape: { members: { metadata: 'whole', spec: 'whole', status: 'whole' } },
}

/** How objects of one kind are read and kept. */
export interface ObjectStoreOptions<Read> {
  /** In words, for problems: `patchpolicy`. */
  readonly what: string
  /** Never throws. */
  readonly read: (object: unknown) => Read | readonly ObjectProblem[]
  readonly order: (all: readonly Read[]) => readonly Read[]
  /** How many objects are kept. */
  readonly most: number
  /** So that one namespace does not take the room of all. */
  readonly mostInNamespace: number
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onProblem: (problem: KubernetesError) => void
  /** Called when an object is new or says something else. */
  readonly onChange: () => void
}

/** The objects of one kind, each in the last version that could be read. */
export interface ObjectStore<Read> {
  /** Those of a namespace ('' for a kind of the cluster), in order: the same array as long as nothing changes. */
  within(namespace: string): readonly Read[]
  all(): readonly ObservedObject<Read>[]
  /** Takes the objects of a namespace, or of all. */
  sink(namespace: string | undefined): ObjectSink<ObjectVersion>
}

interface Held<Read> extends ObservedObject<Read>, Pick<ObjectVersion, 'uid' | 'content'> {}

/** The objects of one namespace, by uid. */
interface Folder<Read> {
  readonly held: Map<string, Held<Read>>
  /** In order. */
  good(): readonly Read[]
  /** What counts is to be looked at anew. */
  changed(): void
}

const none: readonly [] = []

/** Creates an empty store. */
export function createObjectStore<Read extends object>(options: ObjectStoreOptions<Read>): ObjectStore<Read> {
  const folders = new Map<string, Folder<Read>>()
  let size = 0
  const excess = createExcess(options)
  const put = (version: ObjectVersion): void => {
    const { namespace, uid } = version
    const folder = folders.get(namespace) ?? createFolder(options)
    const before = folder.held.get(uid)
    const isFull = size >= options.most || folder.held.size >= options.mostInNamespace
    if (before === undefined && isFull) return excess.tell(namespace)
    const after = heldOf(version, before, options)
    size += Number(before === undefined)
    folders.set(namespace, folder)
    folder.held.set(uid, after)
    if (after.good !== before?.good) folder.changed()
    if (after.content !== before?.content) options.onChange()
  }
  const remove = ({ namespace, uid }: Pick<ObjectVersion, 'namespace' | 'uid'>): void => {
    const folder = folders.get(namespace)
    if (folder === undefined || !folder.held.delete(uid)) return
    size -= 1
    folder.changed()
    if (folder.held.size === 0) folders.delete(namespace)
  }
  const all = (): readonly Held<Read>[] => [...folders.values()].flatMap(({ held }) => [...held.values()])
  return {
    within: namespace => folders.get(namespace)?.good() ?? none,
    all,
    sink: scope => ({
      replace(versions) {
        excess.forget()
        for (const one of goneFrom(all(), versions, scope)) remove(one)
        for (const version of versions) put(version)
      },
      set: put,
      delete: remove,
    }),
  }
}

/** The objects of a namespace, or of all, that a new list does not have. */
function goneFrom<Read>(
  held: readonly Held<Read>[],
  versions: readonly ObjectVersion[],
  scope: string | undefined,
): readonly Held<Read>[] {
  const listed = new Set(versions.map(({ uid }) => uid))
  return held.filter(({ uid, namespace }) => !listed.has(uid) && (scope === undefined || scope === namespace))
}

/** Tells once for each list that there are too many. */
function createExcess<Read>(options: ObjectStoreOptions<Read>) {
  let isTold = false
  return {
    tell(namespace: string): void {
      if (!isTold) options.onProblem(tooMany(options, namespace))
      isTold = true
    },
    forget: () => void (isTold = false),
  }
}

function createFolder<Read>({ order }: Pick<ObjectStoreOptions<Read>, 'order'>): Folder<Read> {
  const held = new Map<string, Held<Read>>()
  let ordered: readonly Read[] | undefined
  return {
    held,
    good: () =>
      (ordered ??= order([...held.values()].flatMap(({ good }) => (good === undefined ? [] : [good])))),
    changed: () => void (ordered = undefined),
  }
}

/** An object of a megabyte may be wrong in ten thousand places. */
const mostProblems = 50

/** An object after an event: where its spec is as it was, as after each write of its status, nothing is read again. */
function heldOf<Read extends object>(
  { object, ...version }: ObjectVersion,
  before: Held<Read> | undefined,
  { what, read, now, onProblem }: ObjectStoreOptions<Read>,
): Held<Read> {
  if (before?.content === version.content) return { ...before, ...version }
  const found = read(object)
  const seenAt = now()
  if (!isProblems(found)) return { ...version, seenAt, good: found, problems: none }
  const problems = found.slice(0, mostProblems)
  const held: Held<Read> = { ...version, seenAt, good: before?.good, problems }
  // Its status tells all of them; the log is told once, until it is corrected.
  if ((before?.problems.length ?? 0) === 0) onProblem(unreadable(what, held))
  return held
}

function unreadable(
  what: string,
  { namespace, name, good, problems }: ObservedObject<unknown>,
): KubernetesError {
  const where = namespace === '' ? name : `${namespace}/${name}`
  const [first] = problems
  const next =
    good === undefined ? 'it does not count until it is corrected' : 'its last good version holds until then'
  const why = first === undefined ? 'it cannot be read' : `${first.path}: ${first.message}`
  return new KubernetesError('invalid', { what: `read ${what} ${where}`, why, next })
}

function tooMany(
  { what, most, mostInNamespace }: Omit<ObjectStoreOptions<unknown>, 'read' | 'order'>,
  namespace: string,
): KubernetesError {
  const limit =
    namespace === '' ? `${most}` : `${mostInNamespace} in namespace ${namespace}, or ${most} in all`
  const why = `there are more than ${limit}: those past it do not count`
  const next = 'remove some, and restart Patchline'
  return new KubernetesError('invalid', { what: `read ${what} objects`, why, next })
}
