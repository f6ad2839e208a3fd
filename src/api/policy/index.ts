/** PatchPolicy and PatchException, `patchline.dev/v1alpha1`: their schemas, and the types that are made from them. */
export { exceptionSpecSchema, type ExceptionSpec } from './exception-schema.ts'
export { policySpecSchema, type PolicySpec } from './policy-schema.ts'
export { type ExceptionStatus, type PolicyStatus } from './status-schema.ts'
