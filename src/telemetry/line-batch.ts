/** Where batches of lines go. */
export interface LineSink {
  write(text: string): unknown
}

/** Takes lines one by one and hands them on together. */
export interface LineBatch {
  write(line: string): void
  /** Hands on what has come so far. */
  flush(): void
}

const longestWait = 250 // milliseconds; who watches the log does not notice, and a crash loses little
const largestBatch = 32 * 1024 // characters; some eighty lines, and half of what a pipe holds by default (pipe(7))

/** A batch in front of a sink whose every write costs about as much as it takes to make the line. */
export function createLineBatch(sink: LineSink): LineBatch {
  let lines: string[] = []
  let length = 0
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines.length > 0) sink.write(lines.join(''))
    lines = []
    length = 0
  }
  return {
    flush,
    write(line) {
      lines.push(line)
      length += line.length
      if (length >= largestBatch) flush()
      else timer ??= setTimeout(flush, longestWait).unref()
    },
  }
}
