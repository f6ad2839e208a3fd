/* oxlint-disable eslint/no-param-reassign -- the reader is a cursor: to move is what it is for */
import { countValues, punctuation, skipSpace, skipString, skipValue } from './scan.ts'

/** Which parts of a JSON value are read. */
export type Shape =
  /** All of it. */
  | 'whole'
  /** These members of an object. */
  | { readonly members: Readonly<Record<string, Shape>> }
  /** Every item of an array, of that shape. */
  | { readonly items: Shape }

/** The parts of a JSON value that a shape asks for. */
export interface Projection {
  /** The value as JSON.parse gives it, without the other parts. A value of another kind than its shape is empty. */
  readonly value: unknown
  /** False where the JSON ends before the value does, or where a part was left out for its size. */
  readonly complete: boolean
}

/** The limits of the whole parts of a projection together. */
export interface ProjectionLimits {
  readonly bytes: number
  /** Objects, arrays, strings, numbers and words, as far as commas and brackets tell. */
  readonly values: number
}

/** The bytes are no JSON. The message quotes nothing of them: they may hold a Secret. */
export class MalformedJsonError extends Error {
  override readonly name = 'MalformedJsonError'

  constructor() {
    super('the bytes are not JSON')
  }
}

/**
 * Reads parts of a JSON value in one pass over its bytes. What the shape leaves out is passed over without being built or
 * checked. Whole parts have limits together; one that exceeds them is left out. Of two members with one name the
 * later counts, as for JSON.parse. Names are compared as they are written: an escaped one is another one, and Go's encoder
 * (encoding/json), which writes what an API server sends, escapes none of those that are asked for.
 * @throws MalformedJsonError where what is read is no JSON; never anything else.
 */
export function project(json: Uint8Array, shape: Shape, limits: ProjectionLimits = unlimited): Projection {
  const reader: Reader = { json, at: skipSpace(json, 0), left: { ...limits }, complete: true }
  if (reader.at >= json.length) throw new MalformedJsonError()
  const value = read(reader, shape)
  if (skipSpace(json, reader.at) < json.length) throw new MalformedJsonError()
  return { value, complete: reader.complete }
}

/** No limits, for JSON whose size is already limited. */
const unlimited: ProjectionLimits = { bytes: Infinity, values: Infinity }

const { quote, comma, colon, openBracket, closeBracket, openBrace, closeBrace } = punctuation

interface Reader {
  readonly json: Uint8Array
  /** The place of the next byte. */
  at: number
  /** What whole parts may still have. */
  readonly left: { bytes: number; values: number }
  complete: boolean
}

// As deep as the shape is, however deep the JSON is.
function read(reader: Reader, shape: Shape): unknown {
  if (shape === 'whole') return readWhole(reader)
  const first = reader.json[reader.at]
  if ('items' in shape) return first === openBracket ? readItems(reader, shape.items) : readOther(reader)
  return first === openBrace ? readMembers(reader, shape.members) : readOther(reader)
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

function readWhole(reader: Reader): unknown {
  const { json, at: start } = reader
  if (!pass(reader)) return undefined
  reader.left.bytes -= reader.at - start
  if (reader.left.bytes < 0 || !takesValues(reader, start)) return leftOut(reader)
  try {
    const value: unknown = JSON.parse(utf8.decode(json.subarray(start, reader.at)))
    return value
  } catch {
    // A number or a word that the end of the JSON has cut.
    if (reader.at === json.length) return leftOut(reader)
    throw new MalformedJsonError()
  }
}

// Half of the bytes at the most are values: what is smaller need not be counted.
function takesValues({ json, at, left }: Reader, start: number): boolean {
  const most = (at - start) / 2 + 1
  left.values -= most <= left.values / smallPart ? most : countValues(json, start, at)
  return left.values >= 0
}

const smallPart = 100

function leftOut(reader: Reader): undefined {
  reader.complete = false
}

function readOther(reader: Reader): unknown {
  const first = reader.json[reader.at]
  if (first !== openBrace && first !== openBracket && first !== quote) return readWhole(reader)
  pass(reader)
  if (first === quote) return ''
  return first === openBrace ? {} : []
}

/** Passes over a value; false where the JSON ends before it does. */
function pass(reader: Reader): boolean {
  const end = skipValue(reader.json, reader.at)
  if (end === reader.at) throw new MalformedJsonError()
  return endAt(reader, end)
}

/** Moves to the end of a value; false if the JSON ends first. */
function endAt(reader: Reader, end: number): boolean {
  if (end < 0) reader.complete = false
  reader.at = end < 0 ? reader.json.length : end
  return end >= 0
}

function readMembers(reader: Reader, shapes: Readonly<Record<string, Shape>>): unknown {
  const members: Record<string, unknown> = {}
  const wanted = Object.entries(shapes)
  let goesOn = opens(reader, closeBrace)
  while (goesOn) {
    const start = reader.at
    if (reader.json[start] !== quote) throw new MalformedJsonError()
    if (!endAt(reader, skipString(reader.json, start))) break
    const [name, shape] = wanted.find(([one]) => isNamed(reader, start, one)) ?? []
    if (!passColon(reader)) break
    if (name === undefined || shape === undefined) pass(reader)
    else members[name] = read(reader, shape)
    goesOn = continues(reader, closeBrace)
  }
  return members
}

function readItems(reader: Reader, shape: Shape): unknown {
  const items: unknown[] = []
  let goesOn = opens(reader, closeBracket)
  while (goesOn) {
    items.push(read(reader, shape))
    goesOn = continues(reader, closeBracket)
  }
  return items
}

/** Whether the string that stands from `start` to here is that name. */
function isNamed({ json, at }: Reader, start: number, name: string): boolean {
  if (at - start - 2 !== name.length) return false
  for (let index = 0; index < name.length; index++)
    if (json[start + 1 + index] !== name.charCodeAt(index)) return false
  return true
}

/** Goes past an opening bracket; whether something stands before the closing one. */
function opens(reader: Reader, close: number): boolean {
  return stands(reader, skipSpace(reader.json, reader.at + 1), close)
}

/** Goes past the comma behind a value; false at the end of the array or object. */
function continues(reader: Reader, close: number): boolean {
  const at = skipSpace(reader.json, reader.at)
  if (reader.json[at] !== comma) {
    if (at < reader.json.length && reader.json[at] !== close) throw new MalformedJsonError()
    return stands(reader, at, close)
  }
  return moveTo(reader, skipSpace(reader.json, at + 1))
}

function stands(reader: Reader, at: number, close: number): boolean {
  if (reader.json[at] !== close) return moveTo(reader, at)
  reader.at = at + 1
  return false
}

function passColon(reader: Reader): boolean {
  const at = skipSpace(reader.json, reader.at)
  if (at < reader.json.length && reader.json[at] !== colon) throw new MalformedJsonError()
  return moveTo(reader, skipSpace(reader.json, at + 1))
}

/** Goes to where something must follow; false where the JSON has ended. */
function moveTo(reader: Reader, at: number): boolean {
  const { length } = reader.json
  if (at >= length) reader.complete = false
  reader.at = Math.min(at, length)
  return at < length
}

/** The shape that reads what any of these reads. */
export function mergeShapes([first = nothing, ...others]: readonly Shape[]): Shape {
  return others.reduce(merged, first)
}

const nothing: Shape = { members: {} }

function merged(one: Shape, other: Shape): Shape {
  if (one === 'whole' || other === 'whole') return 'whole'
  if ('items' in one) return 'items' in other ? { items: merged(one.items, other.items) } : 'whole'
  if ('items' in other) return 'whole'
  const members = new Map(Object.entries(one.members))
  for (const [name, shape] of Object.entries(other.members)) {
    const known = members.get(name)
    members.set(name, known === undefined ? shape : merged(known, shape))
  }
  return { members: Object.fromEntries(members) }
}
