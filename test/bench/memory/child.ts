// One row of the memory benchmark, in a process of its own: holds the tags of many repositories, then refreshes some.
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'

import { learnTags, learnTagsInSlices, tagListOf, type LearnedTags } from '../../../src/version/index.ts'
import type { Job, Measured } from './run.ts'
import { tagsOf } from './tags.ts'

interface Item {
  readonly tag: string
  readonly key: number
  readonly sha: string
}

type Held = LearnedTags | readonly string[] | readonly Item[]

/** What a registry answered: all that a refresh starts from. */
interface Answer {
  readonly list: ReturnType<typeof tagListOf>
  readonly text: string
}

const answers = 100 // different ones, so that no cache of the processor holds them
const perSecond = 100

function parsed(text: string): readonly string[] {
  const tags: readonly string[] = JSON.parse(text)
  return tags
}

// The least that a comparison needs: a number to order by, and what a manifest is known by.
function itemOf(tag: string): Item {
  const [x = 0, y = 0, z = 0] = (tag.match(/\d+/g) ?? []).map(Number)
  return { tag, key: x * 1e6 + y * 1e3 + z + 0.5, sha: `sha256:${tag.length}` }
}

async function hold(kind: Job['kind'], { list, text }: Answer): Promise<Held> {
  if (kind === 'strings') return parsed(text)
  if (kind === 'objects') return parsed(text).map(itemOf)
  const slices = learnTagsInSlices(list)
  for (;;) {
    const step = slices.next()
    if (step.done) return step.value
    await setImmediate()
  }
}

function answerOf(tags: readonly string[]): Answer {
  return { list: tagListOf(tags), text: JSON.stringify(tags) }
}

function used(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function collect(): void {
  globalThis.gc?.()
  globalThis.gc?.()
}

async function fill({ kind, repositories, tags }: Job): Promise<Held[]> {
  const all: Held[] = []
  for (let at = 0; at < repositories; at++) {
    const made = tagsOf(tags, at + 1)
    if (kind === 'learned') all.push(learnTags(tagListOf(made)))
    else all.push(await hold(kind, { list: tagListOf([]), text: JSON.stringify(made) }))
    if (at % 100 === 0) await setImmediate()
  }
  return all
}

async function refresh(all: Held[], { kind, tags, seconds }: Job): Promise<number> {
  const pool = Array.from({ length: answers }, (_, at) => answerOf(tagsOf(tags, 1_000_000 + at)))
  const started = performance.now()
  let done = 0
  while (performance.now() - started < seconds * 1_000) {
    const due = Math.floor(((performance.now() - started) * perSecond) / 1_000)
    for (; done < due; done++) {
      const answer = pool[done % answers]
      if (answer !== undefined) all.splice((done * 7_919) % all.length, 1, await hold(kind, answer))
      await setImmediate()
    }
    await setTimeout(1)
  }
  return done / seconds
}

async function main(job: Job): Promise<Measured> {
  collect()
  const before = used()
  const all = await fill(job)
  collect()
  const bytes = (used() - before) / (job.repositories * job.tags)
  const { rss, heapUsed } = process.memoryUsage()
  const told = all[0] !== undefined && 'bytes' in all[0] ? all[0].bytes / job.tags : undefined
  const pauses: number[] = [0]
  const observer = new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) pauses.push(duration)
  })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  collect()
  await setTimeout(100)
  observer.observe({ entryTypes: ['gc'] })
  delay.enable()
  const rate = job.seconds === 0 ? 0 : await refresh(all, job)
  delay.disable()
  await setTimeout(50)
  observer.disconnect()
  collect()
  const settled = process.memoryUsage().rss
  return {
    bytes,
    told,
    rss,
    heap: heapUsed,
    rate,
    longestPause: Math.max(...pauses),
    delay: delay.percentile(99.9) / 1e6,
    rssAfter: settled,
    held: all.length,
  }
}

const job: Job = JSON.parse(process.argv[2] ?? '{}')
process.send?.(await main(job))
process.disconnect?.()
