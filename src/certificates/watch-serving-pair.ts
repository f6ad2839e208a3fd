import { readServingPair, type ServingFiles, type ServingPair } from './serving-pair.ts'
import { watchFiles, type FilesWatch, type WatchedFiles } from './watch-files.ts'

/** What to watch and whom to tell. */
export interface ServingPairWatch
  extends ServingFiles, Pick<FilesWatch<ServingPair>, 'onChange' | 'onProblem' | 'intervalMilliseconds'> {}

/** A running watch. */
export type WatchedServingPair = WatchedFiles<ServingPair>

/** Reads the pair, then looks for a new one. Throws CertificateError if there is no usable pair to begin with. */
export function watchServingPair(watch: ServingPairWatch): Promise<WatchedServingPair> {
  return watchFiles({
    ...watch,
    read: () => readServingPair(watch),
    isSame: (one, other) => one.certificate === other.certificate && one.key === other.key,
  })
}
