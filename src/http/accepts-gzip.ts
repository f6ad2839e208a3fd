/** Whether an `Accept-Encoding` header asks for gzip (RFC 9110, 12.5.3); one that is not there does not. */
export function acceptsGzip(header: string | readonly string[] | undefined): boolean {
  const weights = new Map(
    String(header ?? '')
      .split(',')
      .map(weightOf),
  )
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0
}

function weightOf(one: string): readonly [coding: string, weight: number] {
  const [coding = '', ...parameters] = one.split(';').map(part => part.trim().toLowerCase())
  const weight = parameters.find(part => part.startsWith('q='))?.slice('q='.length)
  return [coding, weight === undefined ? 1 : Number(weight)]
}
