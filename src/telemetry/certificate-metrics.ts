import { Gauge, type Registry } from 'prom-client'
import { addCounter, addLateGauge } from './instruments.ts'

/** The metrics of the certificates by which the API server knows the webhook. Instants in epoch milliseconds. */
export interface CertificateMetrics {
  setCertificateExpiry(at: number): void
  /** When the serving certificate is renewed by itself. */
  setCertificateRenewal(at: number): void
  /** Of the authority that signs; undefined where this process is not the one that looks after it. */
  setAuthorityExpiry(at: number | undefined): void
  /** Counts a field of a webhook configuration that was written: `validatingwebhookconfigurations`, `bundle`. */
  countRepair(resource: string, field: string): void
  /** Sets whether another writer undoes what is written, so that it is written once a minute. */
  setRepairsBackedOff(isBackedOff: boolean): void
}

/** Adds the metrics of certificates. A process without one has no series of it. */
export function addCertificateMetrics(registry: Registry): CertificateMetrics {
  const setExpiry = addLateGauge(registry, {
    name: 'patchline_webhook_certificate_expiry_timestamp_seconds',
    help: 'When the serving certificate of the webhook expires',
  })
  const setRenewal = addLateGauge(registry, {
    name: 'patchline_webhook_certificate_renewal_timestamp_seconds',
    help: 'When the serving certificate of the webhook is renewed by itself',
  })
  const authority = new Gauge({
    name: 'patchline_authority_expiry_timestamp_seconds',
    help: 'When the authority that signs the certificates of the webhook expires',
    registers: [registry],
  })
  authority.remove()
  const setBackedOff = addLateGauge(registry, {
    name: 'patchline_webhook_repairs_backed_off',
    help: 'Whether another writer undoes what is written into the webhook configurations: 1 if so, else 0',
  })
  const countRepair = addCounter(registry, {
    name: 'patchline_webhook_repairs_total',
    help: 'Fields of webhook configurations that were written',
    labelNames: ['resource', 'field'],
  })
  return {
    setCertificateExpiry: at => setExpiry(at / 1000),
    setCertificateRenewal: at => setRenewal(at / 1000),
    setAuthorityExpiry: at => (at === undefined ? authority.remove() : authority.set(at / 1000)),
    countRepair: (resource, field) => countRepair(resource, field),
    setRepairsBackedOff: isBackedOff => setBackedOff(isBackedOff ? 1 : 0),
  }
}
