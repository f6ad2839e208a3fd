import type { Readable } from 'node:stream'
import type { Endpoint, ReviewEvent } from '../admission/index.ts'

/** Why a request had no review's answer: a fault of ours, nothing that can be decoded, or too many at once. */
export type ReviewFailure = 'error' | 'undecodable' | 'shed'

/** What is counted of reviews. */
export interface Recorder {
  /** A review was answered; `seconds` from the decoded body to the answer. */
  reviewed(event: ReviewEvent, seconds: number): void
  /** A request was not: it was answered with an error, or, for `error`, allowed without a check. */
  failed(endpoint: Endpoint, failure: ReviewFailure): void
}

/** Where faults are told: a constant message and fields. */
export interface Log {
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Whether the process should get traffic. */
export interface Readiness {
  /** Why not, one line each; empty when ready. */
  problems(): readonly string[]
}

/** Decides who may read what of the operations port. */
export interface ReadAccess {
  /** Whether the bearer of a token may read a path; `unavailable` where that cannot be found out now. Never rejects. */
  mayRead(
    token: string | undefined,
    path: string,
  ): Promise<'allowed' | 'unauthenticated' | 'forbidden' | 'unavailable'>
}

/** The metrics as Prometheus scrapes them. */
export interface MetricsText {
  readonly contentType: string
  text(): Promise<string>
  /** Sent right before the text. */
  readonly prepared?: PreparedText
}

/** Text that was written before it is asked for, and is kept compressed; it ends with a line feed. */
export interface PreparedText {
  compressed(): CompressedText
  /** The same, uncompressed as it is read. */
  plain(): Readable
}

/** A text in a form that goes on with other text in one gzip member. */
export interface CompressedText {
  /** Blocks of deflate (RFC 1951) up to a byte boundary, none of them the last one of a stream; none for no text. */
  readonly pieces: readonly Buffer[]
  /** Bytes, and CRC-32, of the text itself. */
  readonly size: number
  readonly crc32: number
}
