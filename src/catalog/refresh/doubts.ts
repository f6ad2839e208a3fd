import { LRUCache } from 'lru-cache'

import type { Entry } from '../entry/entry.ts'
import type { CatalogOptions } from './options.ts'
import { judgeAnswer, nextLookAfter, type Doubt } from './second-look.ts'
import type { Task } from './task.ts'

/** The answers that lacked tags, and the looks that are to show whether they were right. */
export interface Doubts {
  /** The tags that go with the answer; else when it is looked at again, which is arranged here. */
  judge(answer: DoubtfulAnswer): { readonly gone: Float64Array } | { readonly again: number }
  close(): void
}

/** An answer that lacks some of the tags held, or none (ascending hashes). */
export interface DoubtfulAnswer {
  readonly task: Task
  /** Of which part of the repository it speaks. */
  readonly scope: string
  readonly held: Entry
  readonly lacking: Float64Array
}

type DoubtsOptions = Required<Pick<CatalogOptions, 'now' | 'random' | 'later'>> &
  Pick<CatalogOptions, 'onDoubt'> & { readonly look: (task: Task) => void }

// So many repositories do not lose tags within a few minutes unless a registry is ill; what is forgotten begins anew.
const most = 5_000

/** No doubts yet. `look` begins a look-up. */
export function createDoubts({ now, random, later, look, onDoubt }: DoubtsOptions): Doubts {
  const doubts = new LRUCache<string, Doubt & { readonly cancel: () => void }>({
    max: most,
    dispose: ({ cancel }) => cancel(),
  })

  return {
    judge({ task, scope, held, lacking }) {
      const key = `${task.view.key} ${scope}`
      const judgement = judgeAnswer(lacking, doubts.get(key))
      if (judgement.taken) {
        doubts.delete(key)
        return { gone: judgement.gone }
      }
      const { doubt } = judgement
      const wait = nextLookAfter(doubt.looks, random())
      const cancel = later(wait, () =>
        look({ ...task, urgency: 'refresh', namespace: undefined, thorough: true }),
      )
      doubts.set(key, { ...doubt, cancel })
      const { repository } = task.view
      onDoubt?.({
        repository,
        held: held.learned.list.length,
        lacking: doubt.lacking.length,
        looks: doubt.looks,
      })
      return { again: now() + wait }
    },
    close: () => doubts.clear(),
  }
}
