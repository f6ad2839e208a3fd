import { createSchemes, SchemeError, type SchemeSettings } from '../version/index.ts'
import type { Problem } from './validate.ts'

/** What is wrong with schemes that the schema allows: patterns that cannot be read, texts that begin no image. */
export function checkSchemes(schemes: readonly SchemeSettings[]): readonly Problem[] {
  return schemes.flatMap((scheme, at) => {
    try {
      createSchemes([scheme])
      return []
    } catch (error) {
      if (!(error instanceof SchemeError)) throw error
      const key = error.code === 'invalid-pattern' ? 'pattern' : 'images'
      return [{ path: `schemes[${at}].${key}`, message: error.message }]
    }
  })
}
