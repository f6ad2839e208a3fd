import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startWatch } from '../app/watch/watch-fixture.ts'

const version = '4.32.5'
const home = join(homedir(), '.cache/patchline', `schemathesis-${version}`)
const token = 'a'.repeat(32)

interface Ran {
  readonly code: number | string | null | undefined
  readonly output: string
}

function run(file: string, args: readonly string[], cwd?: string): Promise<Ran> {
  return new Promise(resolve => {
    const options = { cwd, timeout: 240_000, maxBuffer: 64 * 1024 * 1024 }
    execFile(file, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
    )
  })
}

/** The program; undefined where this machine has no Python that can install it. */
async function installed(): Promise<string | undefined> {
  const program = join(home, 'bin/schemathesis')
  if (existsSync(program)) return program
  for (const [file, args] of [
    ['python3', ['-m', 'venv', home]],
    [join(home, 'bin/pip'), ['install', '--quiet', `schemathesis==${version}`]],
  ] as const) {
    const { code, output } = await run(file, args)
    if (code === 0) continue
    t.comment(`schemathesis cannot be installed (${file} ${args.join(' ')}): ${output.slice(-400)}`)
    return undefined
  }
  return program
}

t.test('the running service does what its OpenAPI document says', async t => {
  const program = await installed()
  if (program === undefined) {
    t.pass('not run: it needs python3 with venv, and the index of Python packages')
    return
  }
  const { origin } = await startWatch(t, {
    repositories: { 'library/nginx': ['1.25.1', '1.25.5'] },
    environment: { T: token },
    yaml: `
api:
  address: 127.0.0.1
  port: 0
  lookupBudgetMilliseconds: 300
  requestsPerMinute: 1000000
  authentication: tokens
  tokens: [{ name: a, tokenFrom: { environment: T }, write: true }]
`,
  })
  // What an image is and which tags have versions is more than a schema says: valid data may get 400 and 422.
  const args = [
    'run',
    `${origin}/openapi.json`,
    '-H',
    `Authorization: Bearer ${token}`,
    '--seed=20261129',
    '--max-examples=50',
    '--exclude-checks=positive_data_acceptance',
  ]
  // It leaves what it found in the folder in which it runs.
  const { code, output } = await run(program, args, t.testdir())
  t.equal(code, 0, output.slice(-4_000))
})
