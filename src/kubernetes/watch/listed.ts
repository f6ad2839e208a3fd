import type { ObjectReader } from './object-page.ts'

/** Times in milliseconds, but for `watchSeconds`. */
export interface WatchTiming {
  /** For each page of a list, and for the answer's headers of a watch. */
  readonly answerLimit: number
  /** The server ends the watch after this; part of it is random, so that replicas do not come back together. */
  readonly watchSeconds: number
  /** Without a byte for so long the watch is dead: the server sends a bookmark about every minute. */
  readonly silenceLimit: number
}

/** Where the objects of a kind are, and how they are read. */
export interface Listed<T> extends ObjectReader<T> {
  /** In words, for errors: `namespaces`. */
  readonly what: string
  /** `/apis/apps/v1/deployments` */
  readonly path: string
  /** `metadata.name=shop`: only these. */
  readonly fieldSelector?: string
  /** What a person does next where it may not be listed or watched. */
  readonly grant?: string
  /** Selectors, for lists. */
  readonly query?: Readonly<Record<string, string>>
  /** Objects on a page. */
  readonly pageSize: number
  /** An end for a server that always names another page. */
  readonly mostPages: number
}

/** The part of a query that selects; empty where all are wanted. */
export function selectorOf({ fieldSelector }: Listed<unknown>): Readonly<Record<string, string>> {
  return fieldSelector === undefined ? {} : { fieldSelector }
}
