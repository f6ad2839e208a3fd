/** The watch list: repositories whose tags are looked at by a schedule, and sooner where their registry gives a hint. */
export {
  createWatching,
  type Watch,
  type WatchedTags,
  type Watching,
  type WatchingOptions,
  type WatchStore,
} from './watching.ts'
