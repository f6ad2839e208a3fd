/** The parts of advice that depend on the reader, by code. */
export interface AdviceTexts {
  readonly 'try-later': string
  /** After an instant that was said. */
  readonly 'try-then': string
  readonly 'give-credentials': string
  readonly 'check-credentials': string
  readonly 'allow-insecure': string
  /** The place of a registry's settings, after the name of one. */
  readonly 'under-registries': string
  /** The place where registries are listed. */
  readonly 'in-configuration': string
  /** The reason and the advice for a registry that the configuration does not list. */
  readonly 'list-registry': (host: string) => { readonly why: string; readonly next: string }
}

/** The codes of pieces of advice. */
export type AdviceCode = Exclude<keyof AdviceTexts, 'list-registry'>

/** Advice about an error: a text for all readers, a text with parts that depend on the reader, or to list a registry. */
export type Advice = string | AdvicePieces | ListRegistry

interface AdvicePieces {
  /** One more than there are codes: what stands before, between and after the pieces. */
  readonly texts: readonly string[]
  readonly codes: readonly AdviceCode[]
}

interface ListRegistry {
  readonly code: 'list-registry'
  readonly host: string
}

/** Advice with pieces: advice`check its name, or ${'give-credentials'}`. */
export function advice(texts: readonly string[], ...codes: readonly AdviceCode[]): Advice {
  return { texts, codes }
}

/** Whether the advice is to list a registry; then the reason has words of its own, too. */
export function isListRegistry(given: Advice): given is ListRegistry {
  return typeof given !== 'string' && 'host' in given
}

/** The words of advice. */
export function adviceText(given: Advice, table: AdviceTexts): string {
  if (typeof given === 'string') return given
  if (isListRegistry(given)) return table['list-registry'](given.host).next
  return given.texts.reduce((said, text, at) => {
    const code = given.codes[at - 1]
    return `${said}${code === undefined ? '' : table[code]}${text}`
  })
}

/** For the administrator of a server. */
export const operatorAdvice: AdviceTexts = {
  'try-later': 'it is asked again later',
  'try-then': 'it is asked again then',
  'give-credentials': 'give credentials under registries',
  'check-credentials': 'check the credentials under registries',
  'allow-insecure': 'say insecure: true under registries',
  'under-registries': 'under registries',
  'in-configuration': 'in the configuration under registries',
  'list-registry': host => ({
    why: 'the configuration does not allow this registry',
    next: `add ${host} to registries, if you trust it`,
  }),
}
