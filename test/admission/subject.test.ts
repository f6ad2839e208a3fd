import t from 'tap'
import { containersOf, subjectsOf } from '../../src/admission/subject.ts'
import { currentImage, requestOf } from './situations.ts'

t.test('what a warning is about, from the longest way to say it to the shortest', async t => {
  const rows: [name: string, containers: string[], alone: boolean, expected: string[]][] = [
    ['web', ['main'], true, ['web']],
    ['web', ['main'], false, ['web/main']],
    ['web', ['web'], false, ['web']],
    ['', ['main'], false, ['main']],
    ['web', ['a', 'b'], true, ['2 containers (web/a, b)', '2 containers (web/a, …)', 'web, 2 containers']],
    [
      'web',
      ['a', 'b', 'c', 'd', 'e'],
      false,
      [
        '5 containers (web/a, b, c, d, e)',
        '5 containers (web/a, b, …)',
        '5 containers (web/a, …)',
        'web, 5 containers',
      ],
    ],
    ['', ['a', 'b'], true, ['2 containers (a, b)', '2 containers (a, …)', '2 containers']],
    ['web', [], true, ['web']],
  ]
  for (const [name, containers, alone, expected] of rows)
    t.strictSame(
      subjectsOf({
        request: requestOf({ name }),
        containers: containers.map(container => currentImage({ container })),
        alone,
      }),
      expected,
    )
})

const named = (...names: string[]) => names.map(container => currentImage({ container }))

t.test('containers as a refusal names them', async t => {
  t.equal(containersOf(named('a')), 'container a')
  const wait = { ...currentImage({ container: 'wait' }), field: 'init' } as const
  t.equal(containersOf([...named('a'), wait]), 'container a, init container wait')
  t.equal(containersOf(named('a', 'b', 'c', 'd', 'e')), 'container a, container b, container c, 2 more')
})
