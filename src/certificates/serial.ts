import { randomBytes } from 'node:crypto'

/**
 * A serial number of 16 random bytes, the first 0x01 to 0x7f. A set top bit would make it negative, which RFC 5280
 * forbids and Go 1.23 and later refuse: such a CA would lock the API server out at random.
 */
export function createSerial(): Buffer {
  const serial = randomBytes(16)
  const first = serial[0] ?? 0
  serial[0] = 1 + (first % 127)
  return serial
}
