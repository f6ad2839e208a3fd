import { createSocket } from 'node:dgram'

import type { Test } from 'tap'

/** What the server says to a question; `drop` says nothing. */
export type DnsAnswer =
  | { readonly addresses: readonly string[]; readonly ttl?: number }
  | 'nxdomain'
  | 'servfail'
  | 'refused'
  | 'drop'

/** A question as it came: a name in lower case and which family is asked for. */
export interface DnsQuestion {
  readonly name: string
  readonly family: 4 | 6
}

/** A DNS server of a test's own on 127.0.0.1, over UDP. */
export interface DnsServer {
  /** As resolvers take it: `127.0.0.1:PORT`. */
  readonly address: string
  readonly questions: readonly DnsQuestion[]
}

/** Starts a server that ends with the test. An answer's addresses of the other family are left out of it. */
export async function dnsServer(t: Test, answer: (question: DnsQuestion) => DnsAnswer): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const questions: DnsQuestion[] = []
  socket.on('message', (message, sender) => {
    const question = questionOf(message)
    questions.push(question)
    const given = answer(question)
    if (given === 'drop') return
    socket.send(reply(message, question, given), sender.port, sender.address)
  })
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>(resolve => socket.close(resolve)))
  return { address: `127.0.0.1:${socket.address().port}`, questions }
}

// The layout of messages: RFC 1035, 4.1.
const headerBytes = 12
const typeOfA = 1
const typeOfAAAA = 28
const codes = { nxdomain: 3, servfail: 2, refused: 5 } as const

function questionOf(message: Buffer): DnsQuestion {
  const labels: string[] = []
  let at = headerBytes
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const family = message.readUInt16BE(at + 1) === typeOfAAAA ? 6 : 4
  return { name: labels.join('.').toLowerCase(), family }
}

function reply(message: Buffer, question: DnsQuestion, given: Exclude<DnsAnswer, 'drop'>): Buffer {
  const end = message.indexOf(0, headerBytes) + 5 // the zero that ends the name, its type and its class
  const isFound = typeof given === 'object'
  const addresses = isFound ? given.addresses.filter(address => familyOf(address) === question.family) : []
  const header = Buffer.alloc(headerBytes)
  message.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8180 | (isFound ? 0 : codes[given]), 2) // an answer, recursion asked for and there
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(addresses.length, 6)
  const records = addresses.map(address => record(address, isFound ? (given.ttl ?? 60) : 0))
  return Buffer.concat([header, message.subarray(headerBytes, end), ...records])
}

function record(address: string, ttl: number): Buffer {
  const data = bytesOf(address)
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc000 | headerBytes, 0) // the name of the question
  head.writeUInt16BE(familyOf(address) === 6 ? typeOfAAAA : typeOfA, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttl, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}

function bytesOf(address: string): Buffer {
  if (familyOf(address) === 4) return Buffer.from(address.split('.').map(Number))
  // URL writes the one shortest form, with hexadecimal groups only.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [before = '', after = ''] = short.split('::')
  const missing = 8 - groups(before).length - groups(after).length
  const zeros = Array.from({ length: short.includes('::') ? missing : 0 }, () => '0')
  const all = [...groups(before), ...zeros, ...groups(after)]
  return Buffer.from(all.map(group => group.padStart(4, '0')).join(''), 'hex')
}

function groups(text: string): readonly string[] {
  return text === '' ? [] : text.split(':')
}
