/** JSON as bytes: parts of a value, read without building the rest. */
export { mergeShapes } from './merge-shapes.ts'
export { MalformedJsonError, project, type Projection, type ProjectionLimits, type Shape } from './project.ts'
