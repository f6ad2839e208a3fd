import type { StateStore } from '../../notification/index.ts'
import {
  chunksOf,
  createChunkObjects,
  mostChunks,
  StateStoreError,
  textOfChunks,
  type ChunkObjects,
  type StateChunk,
  type StatePlace,
  type StoredChunk,
} from './state-chunks.ts'

/** The name of a state, and where it is kept. */
export interface StateStoreOptions extends StatePlace {
  /** Of the state; its ConfigMaps are called NAME-a-0 to NAME-b-7, which is what the role of the audit names. */
  readonly name: string
}

const slots = ['a', 'b'] as const
type Slot = (typeof slots)[number]

/** The first parts of both copies as last seen, and which copy is the one in force. */
interface Known {
  readonly heads: Readonly<Record<Slot, StoredChunk | undefined>>
  readonly current: Slot | undefined
}

/**
 * Creates a store that keeps a text in ConfigMaps, in two copies that are written in turn: the older one stays whole until
 * the newer one is. The first part of a copy is written last and only over the version that was loaded, so that of two processes one fails.
 * Rejects with StateStoreError and KubernetesError.
 */
export function createStateStore(options: StateStoreOptions): StateStore {
  const objects = createChunkObjects(options)
  const parts = { objects, nameOf: (slot: Slot, index: number) => `${options.name}-${slot}-${index}` }
  let known: Known | undefined
  return {
    async load(signal) {
      const loaded = await load(parts, signal)
      known = loaded.known
      return loaded.text
    },
    async save(text, signal) {
      known ??= (await load(parts, signal)).known
      // After a failure it stays as it was: until it is loaded again, every attempt fails against what another process stored.
      known = await save(parts, { text, known }, signal)
    },
  }
}

interface Parts {
  readonly objects: ChunkObjects
  readonly nameOf: (slot: Slot, index: number) => string
}

async function load(
  { objects, nameOf }: Parts,
  signal: AbortSignal,
): Promise<{ readonly known: Known; readonly text: string | undefined }> {
  const [a, b] = await Promise.all(slots.map(slot => objects.read(nameOf(slot, 0), signal)))
  const heads = { a, b }
  const byAge = slots
    .flatMap(slot => {
      const head = heads[slot]
      return head === undefined ? [] : [{ slot, head }]
    })
    .toSorted((one, other) => other.head.generation - one.head.generation)
  for (const { slot, head } of byAge) {
    if (head.count < 1 || head.count > mostChunks) continue
    const rest = Array.from({ length: head.count - 1 }, (_, index) => nameOf(slot, index + 1))
    // oxlint-disable-next-line eslint/no-await-in-loop -- the older copy is read only where the newer one is not whole
    const chunks = await Promise.all(rest.map(name => objects.read(name, signal)))
    // oxlint-disable-next-line eslint/no-await-in-loop
    const text = await textOfChunks([head, ...chunks])
    if (text !== undefined) return { known: { heads, current: slot }, text }
  }
  const written = byAge.filter(({ head }) => head.count !== 0)
  if (written.length === 0) return { known: { heads, current: undefined }, text: undefined }
  const names = byAge.map(({ slot }) => nameOf(slot, 0)).join(' and ')
  throw new StateStoreError('damaged', `no copy is whole (${names})`)
}

async function save(
  parts: Parts,
  { text, known }: { readonly text: string; readonly known: Known },
  signal: AbortSignal,
): Promise<Known> {
  const { heads, current } = known
  const slot = current === 'a' ? 'b' : 'a'
  const generation = 1 + Math.max(...slots.map(name => heads[name]?.generation ?? 0))
  const chunks = await chunksOf(text, generation)
  const written = await write(parts, { slot, head: heads[slot], chunks }, signal)
  // What a save that broke off has left is not known.
  const to = Math.min(mostChunks, heads[slot]?.count || mostChunks)
  await removeRest(parts, { slot, from: chunks.length, to }, signal)
  return { heads: { ...heads, [slot]: written }, current: slot }
}

interface Copy {
  readonly slot: Slot
  readonly head: StoredChunk | undefined
  readonly chunks: readonly StateChunk[]
}

async function write(
  { objects, nameOf }: Parts,
  { slot, head, chunks }: Copy,
  signal: AbortSignal,
): Promise<StoredChunk> {
  const [first, ...rest] = chunks
  if (first === undefined) throw new Error('a text without parts')
  const name = nameOf(slot, 0)
  if (rest.length === 0) return objects.put(name, over(head, first), signal)
  // Claims the copy: a process that loaded before cannot claim it any more, and one that loads from now on has a higher generation.
  const claimed = await objects.put(name, over(head, { ...first, ...claim }), signal)
  for (const [index, chunk] of rest.entries())
    // oxlint-disable-next-line eslint/no-await-in-loop -- not several megabytes at a time
    await putPart(objects, { name: nameOf(slot, index + 1), chunk }, signal)
  return objects.put(name, over(claimed, first), signal)
}

const claim = { count: 0, bytes: new Uint8Array(0) }

function over(stored: StoredChunk | undefined, chunk: StateChunk): StateChunk | StoredChunk {
  return stored === undefined ? chunk : { ...chunk, resourceVersion: stored.resourceVersion }
}

async function putPart(
  objects: ChunkObjects,
  { name, chunk }: { readonly name: string; readonly chunk: StateChunk },
  signal: AbortSignal,
): Promise<void> {
  const before = await objects.read(name, signal)
  if (before !== undefined && before.generation > chunk.generation) {
    throw new StateStoreError('superseded', `config map ${name} was changed meanwhile`)
  }
  await objects.put(name, over(before, chunk), signal)
}

interface Surplus {
  readonly slot: Slot
  readonly from: number
  readonly to: number
}

// Parts of a larger text that was here before. The next save removes what cannot be removed now.
async function removeRest(
  { objects, nameOf }: Parts,
  { slot, from, to }: Surplus,
  signal: AbortSignal,
): Promise<void> {
  const names = Array.from({ length: Math.max(0, to - from) }, (_, index) => nameOf(slot, from + index))
  await Promise.allSettled(names.map(name => objects.remove(name, signal)))
}
