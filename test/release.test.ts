import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
const workflow = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8'))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

interface Step {
  readonly uses?: string
  readonly run?: string
}

interface Job {
  readonly needs?: string
  readonly permissions: Readonly<Record<string, string>>
  readonly 'timeout-minutes': number
  readonly steps: readonly Step[]
}

const jobs: Readonly<Record<string, Job>> = workflow.jobs

t.test('the workflow of a release', async t => {
  t.strictSame(Object.keys(workflow.on), ['push'], 'only a tag starts it')
  t.strictSame(workflow.permissions, {}, 'a job has only the rights that it names')
  t.equal(jobs['image']?.needs, 'test', 'nothing is pushed before the tests passed')
  t.equal(jobs['chart']?.needs, 'image')
  t.strictSame(jobs['test']?.permissions, { contents: 'read' })
  for (const [name, job] of Object.entries(jobs)) {
    t.type(job['timeout-minutes'], 'number', name)
    for (const { uses, run = '' } of job.steps) {
      if (uses !== undefined) t.match(uses, /^[\w-]+\/[\w-]+@(?:v\d+|[0-9a-f]{40})$/, uses)
      // What a person can choose (the name of a tag) goes into the environment, never into the text of a script.
      t.notMatch(run, /\$\{\{/, name)
      for (const [, script = ''] of run.matchAll(/npm run (\S+)/g)) t.ok(script in scripts, script)
    }
  }
  t.ok(existsSync(join(root, '.ci/run')))
})
