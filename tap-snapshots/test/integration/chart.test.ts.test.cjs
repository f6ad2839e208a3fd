/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/integration/chart.test.ts > TAP > these are the objects of the defaults > must match snapshot 1`] = `
+ PodDisruptionBudget patchline in patchline-system
+ ServiceAccount patchline-audit in patchline-system
+ ServiceAccount patchline in patchline-system
+ Secret patchline-authority in patchline-system
+ Secret patchline-webhook-path in patchline-system
+ ConfigMap patchline in patchline-system
+ CustomResourceDefinition patchexceptions.patchline.dev
+ CustomResourceDefinition patchpolicies.patchline.dev
+ ClusterRole patchline-metrics-reader
+ ClusterRole patchline-drift-reader
+ ClusterRole patchline-audit
+ ClusterRole patchline-certificates
+ ClusterRole patchline-pull-secret-reader
+ ClusterRole patchline
+ ClusterRoleBinding patchline-audit
+ ClusterRoleBinding patchline-certificates
+ ClusterRoleBinding patchline
+ Role patchline-audit in patchline-system
+ Role patchline-certificates in patchline-system
+ Role patchline in patchline-system
+ RoleBinding patchline-audit in patchline-system
+ RoleBinding patchline-certificates in patchline-system
+ RoleBinding patchline in patchline-system
+ Service patchline-audit in patchline-system
+ Service patchline in patchline-system
+ Deployment patchline-audit in patchline-system
+ Deployment patchline in patchline-system
+ MutatingWebhookConfiguration patchline
+ ValidatingWebhookConfiguration patchline
+ ServiceAccount patchline-check in patchline-system
+ ServiceAccount patchline-preflight in patchline-system
+ ServiceAccount patchline-test in patchline-system
+ ServiceAccount patchline-uninstall in patchline-system
+ ClusterRole patchline-check
+ ClusterRole patchline-preflight
+ ClusterRole patchline-test
+ ClusterRole patchline-uninstall
+ ClusterRoleBinding patchline-check
+ ClusterRoleBinding patchline-preflight
+ ClusterRoleBinding patchline-test
+ ClusterRoleBinding patchline-uninstall
+ Role patchline-check in patchline-system
+ Role patchline-check in default
+ Role patchline-test in patchline-system
+ Role patchline-test in default
+ RoleBinding patchline-check in patchline-system
+ RoleBinding patchline-check in default
+ RoleBinding patchline-test in patchline-system
+ RoleBinding patchline-test in default
+ Pod patchline-test in patchline-system
+ Job patchline-check in patchline-system
+ Job patchline-preflight in patchline-system
+ Job patchline-uninstall in patchline-system
`

exports[`test/integration/chart.test.ts > TAP > values: a certificate of one’s own > must match snapshot 1`] = `
- Secret patchline-authority in patchline-system
- Secret patchline-webhook-path in patchline-system
- ClusterRole patchline-certificates
- ClusterRoleBinding patchline-certificates
- Role patchline-certificates in patchline-system
- RoleBinding patchline-certificates in patchline-system
+ Secret patchline-path in patchline-system
+ Role patchline-preflight in patchline-system
+ RoleBinding patchline-preflight in patchline-system
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # From the Secret own; a changed pair is loaded without a restart.\\n  certificateFile: /etc/patchline/tls/tls.crt\\n  keyFile: /etc/patchline/tls/tls.key\\n  # The secret path below /validate and /mutate: only the API server knows it, so only the API server can send reviews.\\n  pathFile: /etc/patchline/tls/path\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\nworkloads:\\n- group: example.com\\n  kind: Proxy\\n  podTemplate: spec.template\\n- group: example.com\\n  kind: App\\n  podTemplate: spec.template\\n  resource: apps\\n"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.mountPath: nothing -> "/etc/patchline/tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.readOnly: nothing -> true
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.defaultMode: nothing -> 288
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.0.secret.items.0: nothing -> {"key":"tls.crt","path":"tls.crt"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.0.secret.items.1: nothing -> {"key":"tls.key","path":"tls.key"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.0.secret.name: nothing -> "own"
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.1.secret.items.0: nothing -> {"key":"path","path":"path"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.1.secret.name: nothing -> "patchline-path"
~ MutatingWebhookConfiguration patchline webhooks.mutate.patchline.dev.clientConfig.caBundle: nothing -> "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClRVbEoKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
~ MutatingWebhookConfiguration patchline webhooks.mutate.patchline.dev.clientConfig.service.path: nothing -> "/mutate/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
~ MutatingWebhookConfiguration patchline webhooks.mutate.patchline.dev.rules.(CREATE,UPDATE apps of example.com): nothing -> there
~ MutatingWebhookConfiguration patchline webhooks.mutate.patchline.dev.rules.(CREATE,UPDATE proxies of example.com): nothing -> there
~ ValidatingWebhookConfiguration patchline webhooks.policies.patchline.dev.clientConfig.caBundle: nothing -> "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClRVbEoKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
~ ValidatingWebhookConfiguration patchline webhooks.policies.patchline.dev.clientConfig.service.path: nothing -> "/validate/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.clientConfig.caBundle: nothing -> "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClRVbEoKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.clientConfig.service.path: nothing -> "/validate/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.rules.(CREATE,UPDATE apps of example.com): nothing -> there
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.rules.(CREATE,UPDATE proxies of example.com): nothing -> there
~ Job patchline-preflight in patchline-system spec.template.spec.containers.preflight.args: ["preflight","--namespace","patchline-system","--service","patchline","--configuration","patchline"] -> ["preflight","--namespace","patchline-system","--service","patchline","--configuration","patchline","--secret","own"]
`

exports[`test/integration/chart.test.ts > TAP > values: a certificate that \`patchline certs --patch\` makes > must match snapshot 1`] = `
- Secret patchline-authority in patchline-system
- Secret patchline-webhook-path in patchline-system
- ClusterRole patchline-certificates
- ClusterRoleBinding patchline-certificates
- Role patchline-certificates in patchline-system
- RoleBinding patchline-certificates in patchline-system
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # From the Secret patchline-tls; a changed pair is loaded without a restart.\\n  certificateFile: /etc/patchline/tls/tls.crt\\n  keyFile: /etc/patchline/tls/tls.key\\n  # The secret path below /validate and /mutate: only the API server knows it, so only the API server can send reviews.\\n  pathFile: /etc/patchline/tls/path\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.mountPath: nothing -> "/etc/patchline/tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.readOnly: nothing -> true
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.defaultMode: nothing -> 288
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.items.0: nothing -> {"key":"tls.crt","path":"tls.crt"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.items.1: nothing -> {"key":"tls.key","path":"tls.key"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.items.2: nothing -> {"key":"path","path":"path"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.secretName: nothing -> "patchline-tls"
~ ServiceAccount patchline-check in patchline-system metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
~ ClusterRole patchline-check metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
~ ClusterRoleBinding patchline-check metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
~ Role patchline-check in patchline-system metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
~ Role patchline-check in default metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
~ RoleBinding patchline-check in patchline-system metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
~ RoleBinding patchline-check in default metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
~ Job patchline-check in patchline-system metadata.annotations.helm.sh/hook: "post-install,post-upgrade" -> "post-upgrade"
`

exports[`test/integration/chart.test.ts > TAP > values: accounts of one’s own, and no roles > must match snapshot 1`] = `
- ServiceAccount patchline-audit in patchline-system
- ServiceAccount patchline in patchline-system
- ClusterRole patchline-metrics-reader
- ClusterRole patchline-drift-reader
- ClusterRole patchline-audit
- ClusterRole patchline-certificates
- ClusterRole patchline-pull-secret-reader
- ClusterRole patchline
- ClusterRoleBinding patchline-audit
- ClusterRoleBinding patchline-certificates
- ClusterRoleBinding patchline
- Role patchline-audit in patchline-system
- Role patchline-certificates in patchline-system
- Role patchline in patchline-system
- RoleBinding patchline-audit in patchline-system
- RoleBinding patchline-certificates in patchline-system
- RoleBinding patchline in patchline-system
~ Deployment patchline-audit in patchline-system spec.template.spec.serviceAccountName: "patchline-audit" -> "mine-too"
~ Deployment patchline in patchline-system spec.template.spec.serviceAccountName: "patchline" -> "mine"
`

exports[`test/integration/chart.test.ts > TAP > values: an issuer of cert-manager, without a secret path > must match snapshot 1`] = `
- Secret patchline-authority in patchline-system
- Secret patchline-webhook-path in patchline-system
- ClusterRole patchline-certificates
- ClusterRoleBinding patchline-certificates
- Role patchline-certificates in patchline-system
- RoleBinding patchline-certificates in patchline-system
+ Certificate patchline in patchline-system
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # From the Secret patchline-tls; a changed pair is loaded without a restart.\\n  certificateFile: /etc/patchline/tls/tls.crt\\n  keyFile: /etc/patchline/tls/tls.key\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.mountPath: nothing -> "/etc/patchline/tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.readOnly: nothing -> true
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.defaultMode: nothing -> 288
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.items.0: nothing -> {"key":"tls.crt","path":"tls.crt"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.items.1: nothing -> {"key":"tls.key","path":"tls.key"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.secret.secretName: nothing -> "patchline-tls"
~ MutatingWebhookConfiguration patchline metadata.annotations.cert-manager.io/inject-ca-from: nothing -> "patchline-system/patchline"
~ MutatingWebhookConfiguration patchline webhooks.mutate.patchline.dev.clientConfig.service.path: nothing -> "/mutate"
~ ValidatingWebhookConfiguration patchline metadata.annotations.cert-manager.io/inject-ca-from: nothing -> "patchline-system/patchline"
~ ValidatingWebhookConfiguration patchline webhooks.policies.patchline.dev.clientConfig.service.path: nothing -> "/validate"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.clientConfig.service.path: nothing -> "/validate"
`

exports[`test/integration/chart.test.ts > TAP > values: annotations are corrected > must match snapshot 1`] = `
+ ClusterRole patchline-audit-annotations
+ ClusterRoleBinding patchline-audit-annotations
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\naudit:\\n  correctAnnotations: true\\n"
`

exports[`test/integration/chart.test.ts > TAP > values: cert-manager with an authority of its own > must match snapshot 1`] = `
- Secret patchline-authority in patchline-system
- Secret patchline-webhook-path in patchline-system
- ClusterRole patchline-certificates
- ClusterRoleBinding patchline-certificates
- Role patchline-certificates in patchline-system
- RoleBinding patchline-certificates in patchline-system
+ Secret patchline-path in patchline-system
+ Certificate patchline-authority in patchline-system
+ Certificate patchline in patchline-system
+ Issuer patchline-self-signed in patchline-system
+ Issuer patchline in patchline-system
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # From the Secret patchline-tls; a changed pair is loaded without a restart.\\n  certificateFile: /etc/patchline/tls/tls.crt\\n  keyFile: /etc/patchline/tls/tls.key\\n  # The secret path below /validate and /mutate: only the API server knows it, so only the API server can send reviews.\\n  pathFile: /etc/patchline/tls/path\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.mountPath: nothing -> "/etc/patchline/tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.tls.readOnly: nothing -> true
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.name: nothing -> "tls"
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.defaultMode: nothing -> 288
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.0.secret.items.0: nothing -> {"key":"tls.crt","path":"tls.crt"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.0.secret.items.1: nothing -> {"key":"tls.key","path":"tls.key"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.0.secret.name: nothing -> "patchline-tls"
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.1.secret.items.0: nothing -> {"key":"path","path":"path"}
~ Deployment patchline in patchline-system spec.template.spec.volumes.tls.projected.sources.1.secret.name: nothing -> "patchline-path"
~ MutatingWebhookConfiguration patchline metadata.annotations.cert-manager.io/inject-ca-from: nothing -> "patchline-system/patchline"
~ MutatingWebhookConfiguration patchline webhooks.mutate.patchline.dev.clientConfig.service.path: nothing -> "/mutate/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
~ ValidatingWebhookConfiguration patchline metadata.annotations.cert-manager.io/inject-ca-from: nothing -> "patchline-system/patchline"
~ ValidatingWebhookConfiguration patchline webhooks.policies.patchline.dev.clientConfig.service.path: nothing -> "/validate/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.clientConfig.service.path: nothing -> "/validate/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
`

exports[`test/integration/chart.test.ts > TAP > values: definitions that go > must match snapshot 1`] = `
~ CustomResourceDefinition patchexceptions.patchline.dev metadata.annotations: nothing -> {}
~ CustomResourceDefinition patchexceptions.patchline.dev metadata.annotations.argocd.argoproj.io/sync-options: "Prune=false,Delete=false" -> nothing
~ CustomResourceDefinition patchexceptions.patchline.dev metadata.annotations.helm.sh/resource-policy: "keep" -> nothing
~ CustomResourceDefinition patchpolicies.patchline.dev metadata.annotations: nothing -> {}
~ CustomResourceDefinition patchpolicies.patchline.dev metadata.annotations.argocd.argoproj.io/sync-options: "Prune=false,Delete=false" -> nothing
~ CustomResourceDefinition patchpolicies.patchline.dev metadata.annotations.helm.sh/resource-policy: "keep" -> nothing
`

exports[`test/integration/chart.test.ts > TAP > values: every feature off > must match snapshot 1`] = `
- PodDisruptionBudget patchline in patchline-system
- ClusterRole patchline-metrics-reader
- ClusterRole patchline-drift-reader
- ClusterRole patchline
- ClusterRoleBinding patchline
- Role patchline in patchline-system
- RoleBinding patchline in patchline-system
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: \\"off\\"\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\naudit:\\n  events: false\\n  reports: false\\nenforcement:\\n  copies: refused\\nkubernetes:\\n  namespaceLabels: \\"off\\"\\n  policies: \\"off\\"\\n"
~ ClusterRole patchline-audit rules.(create subjectaccessreviews of authorization.k8s.io): there -> nothing
~ ClusterRole patchline-audit rules.(create tokenreviews of authentication.k8s.io): there -> nothing
~ ClusterRole patchline-audit rules.(create,patch events of events.k8s.io): there -> nothing
~ ClusterRole patchline-audit rules.(list,create,patch,delete policyreports of wgpolicyk8s.io): there -> nothing
~ ClusterRole patchline-audit rules.(list,create,patch,delete reports of openreports.io): there -> nothing
~ ClusterRole patchline-audit rules.(list,watch patchexceptions of patchline.dev): there -> nothing
~ ClusterRole patchline-audit rules.(list,watch patchpolicies of patchline.dev): there -> nothing
~ ClusterRole patchline-audit rules.(patch patchexceptions/status of patchline.dev): there -> nothing
~ ClusterRole patchline-audit rules.(patch patchpolicies/status of patchline.dev): there -> nothing
~ ValidatingWebhookConfiguration patchline webhooks.policies.patchline.dev.rules.(UPDATE namespaces of core): there -> nothing
`

exports[`test/integration/chart.test.ts > TAP > values: further objects > must match snapshot 1`] = `
+ ConfigMap patchline-more
+ ConfigMap patchline-system-text
`

exports[`test/integration/chart.test.ts > TAP > values: monitoring and network > must match snapshot 1`] = `
+ NetworkPolicy patchline-audit in patchline-system
+ NetworkPolicy patchline in patchline-system
+ ConfigMap patchline-dashboard in grafana
+ ClusterRoleBinding patchline-metrics-reader
+ PodMonitor patchline in patchline-system
+ PodMonitor patchline-audit in patchline-system
+ PrometheusRule patchline in patchline-system
+ ServiceMonitor patchline in patchline-system
+ ServiceMonitor patchline-audit in patchline-system
`

exports[`test/integration/chart.test.ts > TAP > values: no audit > must match snapshot 1`] = `
- ServiceAccount patchline-audit in patchline-system
- ClusterRole patchline-metrics-reader
- ClusterRole patchline-drift-reader
- ClusterRole patchline-audit
- ClusterRoleBinding patchline-audit
- Role patchline-audit in patchline-system
- RoleBinding patchline-audit in patchline-system
- Service patchline-audit in patchline-system
- Deployment patchline-audit in patchline-system
`

exports[`test/integration/chart.test.ts > TAP > values: no hooks and no definitions > must match snapshot 1`] = `
- CustomResourceDefinition patchexceptions.patchline.dev
- CustomResourceDefinition patchpolicies.patchline.dev
- ServiceAccount patchline-check in patchline-system
- ServiceAccount patchline-preflight in patchline-system
- ServiceAccount patchline-test in patchline-system
- ServiceAccount patchline-uninstall in patchline-system
- ClusterRole patchline-check
- ClusterRole patchline-preflight
- ClusterRole patchline-test
- ClusterRole patchline-uninstall
- ClusterRoleBinding patchline-check
- ClusterRoleBinding patchline-preflight
- ClusterRoleBinding patchline-test
- ClusterRoleBinding patchline-uninstall
- Role patchline-check in patchline-system
- Role patchline-check in default
- Role patchline-test in patchline-system
- Role patchline-test in default
- RoleBinding patchline-check in patchline-system
- RoleBinding patchline-check in default
- RoleBinding patchline-test in patchline-system
- RoleBinding patchline-test in default
- Pod patchline-test in patchline-system
- Job patchline-check in patchline-system
- Job patchline-preflight in patchline-system
- Job patchline-uninstall in patchline-system
`

exports[`test/integration/chart.test.ts > TAP > values: OpenShift > must match snapshot 1`] = `
~ Deployment patchline-audit in patchline-system spec.template.spec.securityContext.fsGroup: 65532 -> nothing
~ Deployment patchline-audit in patchline-system spec.template.spec.securityContext.runAsGroup: 65532 -> nothing
~ Deployment patchline-audit in patchline-system spec.template.spec.securityContext.runAsUser: 65532 -> nothing
~ Deployment patchline in patchline-system spec.template.spec.securityContext.fsGroup: 65532 -> nothing
~ Deployment patchline in patchline-system spec.template.spec.securityContext.runAsGroup: 65532 -> nothing
~ Deployment patchline in patchline-system spec.template.spec.securityContext.runAsUser: 65532 -> nothing
~ Pod patchline-test in patchline-system spec.securityContext.runAsGroup: 65532 -> nothing
~ Pod patchline-test in patchline-system spec.securityContext.runAsUser: 65532 -> nothing
~ Job patchline-check in patchline-system spec.template.spec.securityContext.runAsGroup: 65532 -> nothing
~ Job patchline-check in patchline-system spec.template.spec.securityContext.runAsUser: 65532 -> nothing
~ Job patchline-preflight in patchline-system spec.template.spec.securityContext.runAsGroup: 65532 -> nothing
~ Job patchline-preflight in patchline-system spec.template.spec.securityContext.runAsUser: 65532 -> nothing
~ Job patchline-uninstall in patchline-system spec.template.spec.securityContext.runAsGroup: 65532 -> nothing
~ Job patchline-uninstall in patchline-system spec.template.spec.securityContext.runAsUser: 65532 -> nothing
`

exports[`test/integration/chart.test.ts > TAP > values: opt-in, closed, without annotations > must match snapshot 1`] = `
- MutatingWebhookConfiguration patchline
~ ValidatingWebhookConfiguration patchline webhooks.policies.patchline.dev.namespaceSelector.matchExpressions.0.values: ["kube-system","kube-public","kube-node-lease","patchline-system"] -> ["kube-system","patchline-system"]
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.failurePolicy: "Ignore" -> "Fail"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.namespaceSelector.matchExpressions.0.values: ["kube-system","kube-public","kube-node-lease","patchline-system"] -> ["kube-system","patchline-system"]
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.namespaceSelector.matchExpressions.1.key: nothing -> "patchline.dev/mode"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.namespaceSelector.matchExpressions.1.operator: nothing -> "Exists"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.namespaceSelector.matchExpressions.2.key: nothing -> "tier"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.namespaceSelector.matchExpressions.2.operator: nothing -> "NotIn"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.namespaceSelector.matchExpressions.2.values: nothing -> ["sandbox"]
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.namespaceSelector.matchLabels.team: nothing -> "a"
~ ValidatingWebhookConfiguration patchline webhooks.validate.patchline.dev.timeoutSeconds: 3 -> 5
`

exports[`test/integration/chart.test.ts > TAP > values: rights by namespace > must match snapshot 1`] = `
+ Role patchline-audit-workloads in shop
+ Role patchline-audit-workloads in team-a
+ RoleBinding patchline-audit-workloads in shop
+ RoleBinding patchline-audit-workloads in team-a
+ RoleBinding patchline-pull-secrets in shop
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\naudit:\\n  correctAnnotations: true\\n  namespaces:\\n  - shop\\n  - team-a\\n"
~ ClusterRole patchline-audit rules.(create,patch events of events.k8s.io): there -> nothing
~ ClusterRole patchline-audit rules.(list,create,patch,delete policyreports of wgpolicyk8s.io): there -> nothing
~ ClusterRole patchline-audit rules.(list,create,patch,delete reports of openreports.io): there -> nothing
~ ClusterRole patchline-audit rules.(list,watch deployments,statefulsets,daemonsets,replicasets of apps): there -> nothing
~ ClusterRole patchline-audit rules.(list,watch jobs,cronjobs of batch): there -> nothing
~ ClusterRole patchline-audit rules.(list,watch patchexceptions of patchline.dev): there -> nothing
~ ClusterRole patchline-audit rules.(list,watch pods,podtemplates,replicationcontrollers of core): there -> nothing
~ ClusterRole patchline-audit rules.(patch patchexceptions/status of patchline.dev): there -> nothing
`

exports[`test/integration/chart.test.ts > TAP > values: verdicts for other programs > must match snapshot 1`] = `
+ NetworkPolicy patchline-audit in patchline-system
+ NetworkPolicy patchline in patchline-system
+ ClusterRole patchline-verdict-reader
+ ClusterRole patchline-watch-editor
+ Service patchline-api in patchline-system
~ ConfigMap patchline in patchline-system data.patchline.yaml: "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\n" -> "# off, audit, warn or enforce; a namespace overrides it with the label patchline.dev/mode.\\nmode: warn\\n# How far a newer tag may be: rebuild, patch, minor or major; an object overrides it with the annotation\\n# patchline.dev/strategy.\\nstrategy: patch\\nwebhook:\\n  # Patchline makes and renews the authority, the serving pairs and the secret path itself.\\n  certificates:\\n    source: managed\\noperations:\\n  # The metrics and the REST interface of the audit name workloads of all namespaces. To read them, a client must be bound\\n  # to the ClusterRoles patchline-metrics-reader and patchline-drift-reader.\\n  authentication: kubernetes\\ncatalog:\\n  # A copy of the catalog, so that nothing is lost if Patchline restarts while a registry is down.\\n  directory: /var/cache/patchline\\napi:\\n  authentication: kubernetes\\n  port: 4006\\n"
~ ClusterRole patchline rules.(create subjectaccessreviews of authorization.k8s.io): nothing -> there
~ ClusterRole patchline rules.(create tokenreviews of authentication.k8s.io): nothing -> there
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.ports.api.containerPort: nothing -> 4006
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.ports.api.name: nothing -> "api"
`

exports[`test/integration/chart.test.ts > TAP > values: where the pods run > must match snapshot 1`] = `
~ PodDisruptionBudget patchline in patchline-system metadata.labels.team: nothing -> "platform"
~ ServiceAccount patchline-audit in patchline-system metadata.labels.team: nothing -> "platform"
~ ServiceAccount patchline in patchline-system metadata.annotations.eks.amazonaws.com/role-arn: nothing -> "arn:aws:iam::1:role/x"
~ ServiceAccount patchline in patchline-system metadata.labels.team: nothing -> "platform"
~ Secret patchline-authority in patchline-system metadata.labels.team: nothing -> "platform"
~ Secret patchline-webhook-path in patchline-system metadata.labels.team: nothing -> "platform"
~ ConfigMap patchline in patchline-system metadata.labels.team: nothing -> "platform"
~ CustomResourceDefinition patchexceptions.patchline.dev metadata.labels.team: nothing -> "platform"
~ CustomResourceDefinition patchpolicies.patchline.dev metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-metrics-reader metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-drift-reader metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-audit metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-certificates metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-pull-secret-reader metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline metadata.labels.team: nothing -> "platform"
~ ClusterRoleBinding patchline-audit metadata.labels.team: nothing -> "platform"
~ ClusterRoleBinding patchline-certificates metadata.labels.team: nothing -> "platform"
~ ClusterRoleBinding patchline metadata.labels.team: nothing -> "platform"
~ Role patchline-audit in patchline-system metadata.labels.team: nothing -> "platform"
~ Role patchline-certificates in patchline-system metadata.labels.team: nothing -> "platform"
~ Role patchline in patchline-system metadata.labels.team: nothing -> "platform"
~ RoleBinding patchline-audit in patchline-system metadata.labels.team: nothing -> "platform"
~ RoleBinding patchline-certificates in patchline-system metadata.labels.team: nothing -> "platform"
~ RoleBinding patchline in patchline-system metadata.labels.team: nothing -> "platform"
~ Service patchline-audit in patchline-system metadata.labels.team: nothing -> "platform"
~ Service patchline in patchline-system metadata.annotations.note: nothing -> "service"
~ Service patchline in patchline-system metadata.labels.team: nothing -> "platform"
~ Deployment patchline-audit in patchline-system metadata.labels.team: nothing -> "platform"
~ Deployment patchline-audit in patchline-system spec.template.spec.containers.audit.image: "ghcr.io/patchline/patchline:0.1.0" -> "registry.example.com/patchline/patchline:1.10@sha256:0000000000000000000000000000000000000000000000000000000000000000"
~ Deployment patchline-audit in patchline-system spec.template.spec.imagePullSecrets.regcred.name: nothing -> "regcred"
~ Deployment patchline in patchline-system metadata.annotations.note: nothing -> "deployment"
~ Deployment patchline in patchline-system metadata.labels.team: nothing -> "platform"
~ Deployment patchline in patchline-system spec.template.metadata.annotations.note: nothing -> "pod"
~ Deployment patchline in patchline-system spec.template.metadata.labels.note: nothing -> "pod"
~ Deployment patchline in patchline-system spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution: nothing -> {}
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.env.REGISTRY_PASSWORD.name: nothing -> "REGISTRY_PASSWORD"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.env.REGISTRY_PASSWORD.value: nothing -> "x"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.envFrom.0.secretRef.name: nothing -> "registry"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.image: "ghcr.io/patchline/patchline:0.1.0" -> "registry.example.com/patchline/patchline:1.10@sha256:0000000000000000000000000000000000000000000000000000000000000000"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.authorities.mountPath: nothing -> "/etc/authorities"
~ Deployment patchline in patchline-system spec.template.spec.containers.patchline.volumeMounts.authorities.name: nothing -> "authorities"
~ Deployment patchline in patchline-system spec.template.spec.imagePullSecrets.regcred.name: nothing -> "regcred"
~ Deployment patchline in patchline-system spec.template.spec.nodeSelector.pool: nothing -> "system"
~ Deployment patchline in patchline-system spec.template.spec.priorityClassName: nothing -> "system-cluster-critical"
~ Deployment patchline in patchline-system spec.template.spec.tolerations.0.operator: nothing -> "Exists"
~ Deployment patchline in patchline-system spec.template.spec.topologySpreadConstraints.0.labelSelector.matchLabels.app.kubernetes.io/component: "webhook" -> nothing
~ Deployment patchline in patchline-system spec.template.spec.topologySpreadConstraints.0.labelSelector.matchLabels.app.kubernetes.io/instance: "patchline" -> nothing
~ Deployment patchline in patchline-system spec.template.spec.topologySpreadConstraints.0.labelSelector.matchLabels.app.kubernetes.io/name: "patchline" -> nothing
~ Deployment patchline in patchline-system spec.template.spec.topologySpreadConstraints.0.maxSkew: 1 -> 2
~ Deployment patchline in patchline-system spec.template.spec.topologySpreadConstraints.0.topologyKey: "kubernetes.io/hostname" -> "zone"
~ Deployment patchline in patchline-system spec.template.spec.volumes.authorities.configMap.name: nothing -> "authorities"
~ Deployment patchline in patchline-system spec.template.spec.volumes.authorities.name: nothing -> "authorities"
~ MutatingWebhookConfiguration patchline metadata.labels.team: nothing -> "platform"
~ ValidatingWebhookConfiguration patchline metadata.labels.team: nothing -> "platform"
~ ServiceAccount patchline-check in patchline-system metadata.labels.team: nothing -> "platform"
~ ServiceAccount patchline-preflight in patchline-system metadata.labels.team: nothing -> "platform"
~ ServiceAccount patchline-test in patchline-system metadata.labels.team: nothing -> "platform"
~ ServiceAccount patchline-uninstall in patchline-system metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-check metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-preflight metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-test metadata.labels.team: nothing -> "platform"
~ ClusterRole patchline-uninstall metadata.labels.team: nothing -> "platform"
~ ClusterRoleBinding patchline-check metadata.labels.team: nothing -> "platform"
~ ClusterRoleBinding patchline-preflight metadata.labels.team: nothing -> "platform"
~ ClusterRoleBinding patchline-test metadata.labels.team: nothing -> "platform"
~ ClusterRoleBinding patchline-uninstall metadata.labels.team: nothing -> "platform"
~ Role patchline-check in patchline-system metadata.labels.team: nothing -> "platform"
~ Role patchline-check in default metadata.labels.team: nothing -> "platform"
~ Role patchline-test in patchline-system metadata.labels.team: nothing -> "platform"
~ Role patchline-test in default metadata.labels.team: nothing -> "platform"
~ RoleBinding patchline-check in patchline-system metadata.labels.team: nothing -> "platform"
~ RoleBinding patchline-check in default metadata.labels.team: nothing -> "platform"
~ RoleBinding patchline-test in patchline-system metadata.labels.team: nothing -> "platform"
~ RoleBinding patchline-test in default metadata.labels.team: nothing -> "platform"
~ Pod patchline-test in patchline-system metadata.labels.team: nothing -> "platform"
~ Pod patchline-test in patchline-system spec.containers.test.image: "ghcr.io/patchline/patchline:0.1.0" -> "registry.example.com/patchline/patchline:1.10@sha256:0000000000000000000000000000000000000000000000000000000000000000"
~ Pod patchline-test in patchline-system spec.imagePullSecrets.regcred.name: nothing -> "regcred"
~ Pod patchline-test in patchline-system spec.tolerations.0.operator: nothing -> "Exists"
~ Job patchline-check in patchline-system metadata.labels.team: nothing -> "platform"
~ Job patchline-check in patchline-system spec.template.metadata.labels.team: nothing -> "platform"
~ Job patchline-check in patchline-system spec.template.spec.containers.check.image: "ghcr.io/patchline/patchline:0.1.0" -> "registry.example.com/patchline/patchline:1.10@sha256:0000000000000000000000000000000000000000000000000000000000000000"
~ Job patchline-check in patchline-system spec.template.spec.imagePullSecrets.regcred.name: nothing -> "regcred"
~ Job patchline-check in patchline-system spec.template.spec.tolerations.0.operator: nothing -> "Exists"
~ Job patchline-preflight in patchline-system metadata.labels.team: nothing -> "platform"
~ Job patchline-preflight in patchline-system spec.template.metadata.labels.team: nothing -> "platform"
~ Job patchline-preflight in patchline-system spec.template.spec.containers.preflight.image: "ghcr.io/patchline/patchline:0.1.0" -> "registry.example.com/patchline/patchline:1.10@sha256:0000000000000000000000000000000000000000000000000000000000000000"
~ Job patchline-preflight in patchline-system spec.template.spec.imagePullSecrets.regcred.name: nothing -> "regcred"
~ Job patchline-preflight in patchline-system spec.template.spec.tolerations.0.operator: nothing -> "Exists"
~ Job patchline-uninstall in patchline-system metadata.labels.team: nothing -> "platform"
~ Job patchline-uninstall in patchline-system spec.template.metadata.labels.team: nothing -> "platform"
~ Job patchline-uninstall in patchline-system spec.template.spec.containers.uninstall.image: "ghcr.io/patchline/patchline:0.1.0" -> "registry.example.com/patchline/patchline:1.10@sha256:0000000000000000000000000000000000000000000000000000000000000000"
~ Job patchline-uninstall in patchline-system spec.template.spec.imagePullSecrets.regcred.name: nothing -> "regcred"
~ Job patchline-uninstall in patchline-system spec.template.spec.tolerations.0.operator: nothing -> "Exists"
`
