import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'

const main = join(import.meta.dirname, '../src/main.ts')

t.test('SIGUSR1 opens no inspector', async t => {
  // It reads standard input for as long as that is open.
  const child = spawn(process.execPath, [main, 'check', 'nginx:1.25.1', '--tags-from', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  // Long enough for the program to have started: earlier, the signal would end a process that is no Node yet.
  await new Promise(resolve => setTimeout(resolve, 3000))
  child.kill('SIGUSR1')
  child.stdin.end('1.25.1\n1.25.5\n')
  const [code] = await once(child, 'close')
  t.equal(code, 2, err)
  t.match(out, '1.25.5')
  t.notMatch(err, /Debugger|inspect/)
})
