/** The Kubernetes API: whose cluster it is, what runs there, and what `patchline certs` and the audit write there. */
export { assertAnswers } from './assert-answers.ts'
export { applyServingSecret, readHeldPaths } from './apply-serving-secret.ts'
export { KubernetesError } from './kubernetes-error.ts'
export { loadKubeConfig } from './load-kube-config.ts'
export {
  createNamespaceLabels,
  type NamespaceLabelsOptions,
  type WatchedNamespaceLabels,
} from './namespace-labels.ts'
export { patchCaBundle } from './patch-ca-bundle.ts'
export { patchWebhookRules } from './patch-webhook-rules.ts'
export { patchWebhookPath } from './patch-webhook-path.ts'
export { createReadAccess, type ReadAccess, type ReadAccessOptions } from './read-access.ts'
export {
  createRunningImages,
  type ClusterRunningImages,
  type RunningImagesOptions,
} from './running-images.ts'
export { createSecretReader, type SecretReader, type SecretReaderOptions } from './secret-reader.ts'
export { createInventory, type InventoryOptions, type WatchedInventory } from './inventory.ts'
export { createAnnotationCorrection, type AnnotationCorrectionOptions } from './annotation-correction.ts'
export { createLeader, type Leader, type LeaderOptions } from './leader.ts'
export { createStateStore, type StateStoreOptions } from './state-store.ts'
export {
  createPolicyReports,
  type PolicyReportOutcome,
  type PolicyReports,
  type PolicyReportsOptions,
} from './policy-reports.ts'
export { createDriftEvents, type DriftEvents, type DriftEventsOptions } from './drift-events.ts'
export { uninstall, type UninstallOptions } from './uninstall.ts'
export type { UninstallOutcome } from './uninstall-steps.ts'
