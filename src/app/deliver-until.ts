/** Messages that wait, because a channel could not take them. */
export interface Undelivered {
  /** Whether a message waits, or one that is being sent may come to. */
  hasUndelivered(): boolean
  /** Tries them again; those that are to be left alone for now stay. */
  deliver(): Promise<void>
}

/** Where the time comes from, in epoch milliseconds, and how it is waited for. */
export interface Waiting {
  readonly now: () => number
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

// Not with the next cycle, which may be that of the next working day. How long each channel wants to be left alone is in
// the state: an attempt before that sends nothing.
const first = 30_000
const longest = 1_800_000

/** Waits until an instant, and meanwhile tries again what waits to be delivered, more and more seldom. */
export async function deliverUntil(
  end: number,
  { undelivered, now, pause }: Waiting & { readonly undelivered: Undelivered },
  signal: AbortSignal,
): Promise<void> {
  let wait = first
  while (!signal.aborted && now() < end) {
    // oxlint-disable eslint/no-await-in-loop -- one attempt after the other
    const until = undelivered.hasUndelivered() ? Math.min(end, now() + wait) : end
    await pause(until - now(), signal)
    if (!signal.aborted && until < end) await undelivered.deliver()
    // oxlint-enable eslint/no-await-in-loop
    wait = Math.min(2 * wait, longest)
  }
}
