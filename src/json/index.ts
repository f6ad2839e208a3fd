/** The ground floor: JSON values read member by member, and JSON as bytes, of which parts are read without building the rest. */
export {
  mergeShapes,
  MalformedJsonError,
  project,
  type Projection,
  type ProjectionLimits,
  type Shape,
} from './project.ts'
export { at, isJsonObject, itemsOf, jsonIn, member, sameJson, textOf, type JsonObject } from './read.ts'
