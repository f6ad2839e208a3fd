/** The Kubernetes API: whose cluster it is, what runs there, and what `patchline certs` and the audit write there. */
export { ping } from './api/api-request.ts'
export { applyServingSecret, readHeldPaths } from './webhook/serving-secret.ts'
export { KubernetesError } from './api/kubernetes-error.ts'
export { loadKubeConfig } from './api/load-kube-config.ts'
export {
  createNamespaceLabels,
  type NamespaceLabelsOptions,
  type WatchedNamespaceLabels,
} from './watch/namespace-labels.ts'
export { patchCaBundle, setCaBundle } from './webhook/patch-ca-bundle.ts'
export { createNamedSecret, type HeldSecret, type NamedSecret } from './api/named-secret.ts'
export {
  createCertificateRequester,
  type CertificateRequester,
  type RequestOutcome,
} from './webhook/certificate-requester.ts'
export {
  createSigningRequests,
  type PendingRequest,
  type SigningRequests,
} from './webhook/signing-requests.ts'
export {
  createWebhookWatch,
  type WatchedWebhooks,
  type WebhookConfigurationState,
} from './webhook/webhook-watch.ts'
export { patchWebhookRules } from './webhook/patch-webhook-rules.ts'
export { patchWebhookPath } from './webhook/patch-webhook-path.ts'
export {
  createPolicyStatuses,
  type PolicyStatuses,
  type PolicyStatusesOptions,
} from './policy/status-writer.ts'
export { createPolicyWatch, type PolicyWatchOptions, type WatchedPolicies } from './policy/policy-watch.ts'
export { createReadAccess, type ReadAccess, type ReadAccessOptions } from './api/read-access.ts'
export {
  createRunningImages,
  type ClusterRunningImages,
  type RunningImagesOptions,
} from './inventory/running-images.ts'
export {
  createWorkloadLister,
  type ClusterWorkloadLister,
  type WorkloadListerOptions,
} from './inventory/workload-lister.ts'
export { createSecretReader, type SecretReader, type SecretReaderOptions } from './api/secret-reader.ts'
export { readWorkload, type WorkloadName } from './inventory/read-workload.ts'
export { createInventory, type InventoryOptions, type WatchedInventory } from './inventory/inventory.ts'
export {
  createAnnotationCorrection,
  type AnnotationCorrectionOptions,
} from './report/annotation-correction.ts'
export { createLeader, type Leader, type LeaderOptions } from './leader/leader.ts'
export { createStateStore, type StateStoreOptions } from './state/state-store.ts'
export {
  createPolicyReports,
  type PolicyReportOutcome,
  type PolicyReports,
  type PolicyReportsOptions,
} from './report/policy-reports.ts'
export { createDriftEvents, type DriftEvents, type DriftEventsOptions } from './report/drift-events.ts'
export { uninstall, type UninstallOptions } from './uninstall/uninstall.ts'
export type { UninstallOutcome } from './uninstall/uninstall-steps.ts'
export { examine, type Installation } from './doctor/examine.ts'
export { preflight } from './doctor/preflight.ts'
