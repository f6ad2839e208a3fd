import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

import { unfinishedEnd } from '../../src/catalog/disk/cache-directory.ts'
import { decodeStored, encodeStored } from '../../src/catalog/disk/format.ts'
import { createTagHistory } from '../../src/catalog/entry/tag-history.ts'
import { tagAt, tagListOf } from '../../src/version/index.ts'

const script = fileURLToPath(new URL('../catalog/write-for-ever.ts', import.meta.url))
const kills = 200
const atOnce = 4
const generations = 4

function generation(number: number): Buffer {
  const tags = Array.from({ length: 20_000 + number }, (_, n) => `${number}.${n}`)
  return encodeStored({
    repository: { registry: 'r.example', repository: 'team/app' },
    tags: tagListOf(tags),
    ranges: [{ prefix: '', fetchedAt: number, refreshAt: 0, contentHash: '' }],
    count: number,
    validator: undefined,
    walkedAt: 0,
    history: createTagHistory(0),
    missing: false,
    absent: new Map(),
    digests: new Map(),
  })
}

// Starts a process that writes for ever, and kills it while it does: a write takes a few milliseconds.
async function killInMidWrite(words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [script, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { NODE_NO_WARNINGS: '1' },
  })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  await new Promise(resolve => setTimeout(resolve, Math.random() * 12))
  child.kill('SIGKILL')
  await ended
}

t.test('killed at any time, the file is an old one or a new one, and whole', async t => {
  const directory = t.testdir()
  const paths = await Promise.all(
    Array.from({ length: generations }, async (_, number) => {
      const path = join(directory, `generation-${number}`)
      await writeFile(path, generation(number))
      return path
    }),
  )
  let changes = 0
  const lane = async (at: number): Promise<void> => {
    const name = `${at}.tags`
    let before: number | undefined
    for (let kill = 0; kill < kills / atOnce; kill++) {
      const news = [kill % generations, (kill + 1) % generations]
      await killInMidWrite([directory, name, ...news.map(number => paths[number] ?? '')])
      const content = await readFile(join(directory, name)).catch(() => undefined)
      if (content === undefined) {
        t.equal(before, undefined, 'what was there does not vanish')
        continue
      }
      const stored = decodeStored(content)
      if (typeof stored === 'string') throw new Error(`kill ${kill} of ${name}: ${stored}`)
      t.ok([before, ...news].includes(stored.count))
      t.equal(stored.tags.length, 20_000 + stored.count)
      t.equal(tagAt(stored.tags, 7), `${stored.count}.7`)
      if (stored.count !== before) changes++
      before = stored.count
    }
  }
  await Promise.all(Array.from({ length: atOnce }, (_, at) => lane(at)))
  const left = (await readdir(directory)).filter(name => name.endsWith(unfinishedEnd))
  t.ok(left.length > 0, 'some were killed in mid-write')
  t.ok(changes > 0)
  t.comment(`${left.length} of ${kills} were killed in mid-write, ${changes} left another file than before`)
})
