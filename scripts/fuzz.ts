/**
 * Reviews broken bodies until the time is over or one is answered wrongly: `npm run fuzz -- [--minutes N] [--seed N]`, or one case
 * again, with its body: `npm run fuzz -- --seed N --case N`.
 */
import { parseArgs } from 'node:util'
import { bodyOf, fuzz, type Fuzzed } from '../test/support/admission/fuzz.ts'
import { seeded } from '../test/support/random/seeded.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    case: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
const first = Number(values.case ?? 0)
if (!(minutes > 0) || !Number.isInteger(seed) || !Number.isInteger(first))
  throw new Error('--minutes takes a number above 0, --seed and --case take whole numbers')

const isReplay = values.case !== undefined
if (isReplay) console.log(bodyOf(seeded(seed, first)).toString('utf8'))
else console.log(`seed ${seed}, for ${minutes} minutes`)
const fuzzed = await fuzz({
  seed,
  first,
  ...(isReplay ? { count: 1 } : { milliseconds: minutes * 60_000 }),
})
report(fuzzed)

function report({ cases, answered, slowest, faults }: Fuzzed): void {
  for (const fault of faults) console.log(fault)
  console.log(`${cases} bodies, ${answered} of them reviews; the slowest took ${slowest.toFixed(0)} ms`)
  console.log(
    faults.length === 0
      ? 'no faults'
      : `${faults.length} faults; again: npm run fuzz -- --seed ${seed} --case N`,
  )
  if (faults.length > 0) process.exitCode = 1
}
