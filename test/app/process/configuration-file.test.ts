import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createShutdown } from '../../../src/app/process/lifecycle.ts'
import { until } from '../../support/kubernetes/fake-api-server.ts'
import { watchConfiguration } from '../../../src/app/process/configuration-file.ts'

t.test('a change of the file is said once, with what is wrong with it', async t => {
  const said: unknown[] = []
  const states: boolean[] = []
  const file: { text: string | undefined; problem: string | undefined } = {
    text: 'mode: warn',
    problem: undefined,
  }
  const shutdown = createShutdown()
  t.teardown(() => shutdown.run())
  const say = (level: string) => (fields: object, message: string) => void said.push([level, message, fields])
  watchConfiguration(
    {
      path: '/etc/patchline.yaml',
      text: 'mode: warn',
      read() {
        if (file.text === undefined) throw new Error('ENOENT')
        return file.text
      },
      check() {
        if (file.problem !== undefined) throw new Error(file.problem)
      },
    },
    {
      log: {
        debug: say('debug'),
        info: say('info'),
        warn: say('warn'),
        error: say('error'),
        isLevelEnabled: () => true,
        flush: () => Promise.resolve(),
      },
      metrics: { setConfigurationChanged: isChanged => void states.push(isChanged) },
    },
    { shutdown, every: 2 },
  )
  await sleep(20)
  t.strictSame([said, states], [[], [false]])

  const path = '/etc/patchline.yaml'
  const steps = [
    ['mode: off', undefined, 'warn', 'configuration changed, not applied', true],
    ['mode: of', 'mode: must be one of', 'error', 'configuration changed, a restart would not take it', true],
    [undefined, undefined, 'error', 'configuration changed, a restart would not take it', true],
    ['mode: warn', undefined, 'info', 'configuration is again as it was at the start', false],
  ] as const
  for (const [at, [text, problem, level, message, isChanged]] of steps.entries()) {
    file.text = text
    file.problem = problem
    await until(() => said.length > at)
    t.match(said.at(-1), [level, message, { path }])
    t.equal(states.at(-1), isChanged)
  }
  t.equal(said.length, steps.length)
  t.match(said[0], ['warn', String, { remedy: /^restart to apply it: kubectl .* rollout restart / }])
  t.match(said[1], ['error', String, { reason: 'mode: must be one of' }])
  t.match(said[2], ['error', String, { reason: 'the file cannot be read' }])
})
