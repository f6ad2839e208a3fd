import * as fc from 'fast-check'
import t from 'tap'
import { at, isJsonObject, itemsOf, member, sameJson, textOf } from '../../src/json/read.ts'

t.test('only a JSON object is one', async t => {
  const rows: [unknown, boolean][] = [
    [{}, true],
    [{ a: 1 }, true],
    [null, false],
    [[], false],
    ['text', false],
    [1, false],
    [undefined, false],
  ]
  for (const [value, expected] of rows) t.equal(isJsonObject(value), expected, JSON.stringify(value))
})

t.test('members are the own ones', async t => {
  t.equal(member({ a: 1 }, 'a'), 1)
  t.equal(member({}, 'constructor'), undefined)
  t.equal(member(JSON.parse('{"__proto__": {"a": 1}}'), 'a'), undefined)
  t.equal(member('text', 'length'), undefined)
  t.equal(at({ a: { b: { c: 2 } } }, ['a', 'b', 'c']), 2)
  t.equal(at({ a: [] }, ['a', 'b', 'c']), undefined)
  t.equal(at(null, []), null)
  t.strictSame(itemsOf({ length: 3 }), [])
  t.strictSame(itemsOf([1]), [1])
  t.equal(textOf(['a']), '')
  t.equal(textOf('a'), 'a')
})

t.test('two values say the same', async t => {
  const rows: [unknown, unknown, boolean][] = [
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [undefined, undefined, true],
    [undefined, null, false],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: undefined }, { b: 1 }, false],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [[], {}, false],
    [{}, [], false],
    ['1', 1, false],
    [{ a: -0 }, { a: 0 }, true],
    [{}, 'text', false],
    [JSON.parse('{"__proto__": 1}'), {}, false],
    [{}, JSON.parse('{"__proto__": 1}'), false],
    [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}'), true],
  ]
  for (const [one, other, expected] of rows) {
    t.equal(sameJson(one, other), expected, `${JSON.stringify(one)} and ${JSON.stringify(other)}`)
    t.equal(sameJson(other, one), expected, `${JSON.stringify(other)} and ${JSON.stringify(one)}`)
  }
})

t.test('nesting does not end the call stack', async t => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  t.equal(sameJson(JSON.parse(deep), JSON.parse(deep)), true)
})

t.test('a value is the same as its copy, and not as one with a member more', async () => {
  fc.assert(fc.property(fc.jsonValue(), value => sameJson(value, JSON.parse(JSON.stringify(value)))))
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      value => !sameJson(value, { ...value, [more(value)]: 1 }),
    ),
  )
})

function more(value: object): string {
  return Object.keys(value).reduce((longest, key) => longest + key, 'more')
}
