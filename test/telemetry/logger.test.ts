import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createLogger, type Logger, type LogLevel } from '../../src/telemetry/index.ts'
import { createLineBatch } from '../../src/telemetry/logger.ts'

async function written(
  t: { testdir(): string },
  level: LogLevel,
  write: (log: Logger) => void,
): Promise<readonly unknown[]> {
  const path = join(t.testdir(), 'log')
  const destination = openSync(path, 'a')
  const log = createLogger({ level, destination })
  write(log)
  await log.flush()
  const text = readFileSync(path, 'utf8')
  closeSync(destination)
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

t.test('a line has a time, a level, the fields and the message', async t => {
  const lines = await written(t, 'info', log => {
    log.debug({}, 'not written')
    log.info({ port: 1 }, 'serving')
    log.warn({}, 'slow')
    log.error({}, 'failed')
    t.notOk(log.isLevelEnabled('debug'))
    t.ok(log.isLevelEnabled('info'))
  })
  t.match(lines, [
    { level: 'info', time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, port: 1, msg: 'serving' },
    { level: 'warn', msg: 'slow' },
    { level: 'error', msg: 'failed' },
  ])
  t.strictSame(Object.keys(Object(lines[0])), ['level', 'time', 'port', 'msg'])
  t.match(await written(t, 'debug', log => log.debug({}, 'all')), [{ level: 'debug', msg: 'all' }])
})

t.test('secrets are not written, wherever they stand', async t => {
  const lines = await written(t, 'info', log => {
    log.info({ password: 'hunter2', registry: { token: 'hunter2', host: 'ghcr.io' } }, 'x')
    const error = Object.assign(new Error('refused'), {
      headers: { authorization: 'hunter2' },
      config: 'hunter2',
    })
    log.info({ err: error }, 'x')
  })
  t.notMatch(JSON.stringify(lines), 'hunter2')
  t.match(lines, [{ password: '[redacted]', registry: { token: '[redacted]', host: 'ghcr.io' } }, {}])
})

t.test('errors show their type, code, message, stack and causes', async t => {
  const inner = Object.assign(new TypeError('inner'), { code: 'ECONNRESET' })
  const outer = new Error('outer', { cause: inner })
  const circular = new Error('round')
  circular.cause = circular
  const lines = await written(t, 'info', log => {
    log.error({ err: outer }, 'x')
    log.error({ err: circular }, 'x')
    log.error({ err: 'text' }, 'x')
    log.error({ err: 7 }, 'x')
  })
  t.match(lines, [
    {
      err: {
        type: 'Error',
        message: 'outer',
        stack: /^Error: outer\n/,
        cause: { type: 'TypeError', code: 'ECONNRESET', message: 'inner' },
      },
    },
    { err: { message: 'round', cause: { cause: { cause: { cause: { message: 'round' } } } } } },
    { err: { type: 'string', message: 'text' } },
    { err: { type: 'number', message: 'no error' } },
  ])
})

t.test('lines keep their order, whatever is being written meanwhile', async t => {
  const lines = await written(t, 'info', log => {
    for (let number = 0; number < 2_000; number++) log[number % 3 === 0 ? 'error' : 'info']({ number }, 'x')
  })
  t.strictSame(
    lines.map(line => Object(line).number),
    Array.from({ length: 2_000 }, (_, number) => number),
  )
})

t.test('image texts are cut, control characters escaped', async t => {
  const path = join(t.testdir(), 'raw')
  const destination = openSync(path, 'a')
  const log = createLogger({ level: 'info', destination })
  log.info({ image: `a\n\u001b[31m${'x'.repeat(1000)}`, reference: 7 }, 'x')
  await log.flush()
  const text = readFileSync(path, 'utf8')
  closeSync(destination)
  t.equal(text.split('\n').length, 2, 'one line')
  t.match(text, String.raw`"image":"a\n\u001b[31mxxx`)
  t.ok(text.length < 450)
})

t.test('lines go on together: when there are many, when asked for, and after a while', async t => {
  const written: string[] = []
  const batch = createLineBatch({ write: text => written.push(text) })
  batch.write('a\n')
  batch.write('b\n')
  t.strictSame(written, [])
  batch.flush()
  t.strictSame(written, ['a\nb\n'])
  batch.flush()
  t.strictSame(written, ['a\nb\n'], 'nothing is written where nothing came')
  const long = 'x'.repeat(20_000)
  batch.write(long)
  batch.write(long)
  t.strictSame(written, ['a\nb\n', long + long])
  batch.write('c\n')
  await new Promise(resolve => setTimeout(resolve, 300))
  t.equal(written.at(-1), 'c\n')
})
