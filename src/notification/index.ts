/** What to say of drift, to whom, and when to stay silent. */
export { adviceFor, type Advice } from './advice.ts'
export { ChannelError, type Channel, type StateStore } from './channel.ts'
export type { CommandForm } from './commands.ts'
export type { Message, Totals } from './message.ts'
export type { Finding } from './findings.ts'
export {
  createNotifier,
  type DeliveryEvent,
  type Notifier,
  type NotifierOptions,
  type Told,
} from './notifier.ts'
export { byImage, byWorkload, type ImageFindings, type WorkloadFindings } from './grouping.ts'
export type { Route } from './routes.ts'
export type { Changes } from './changes.ts'
export type { EventQueue } from './unwritten-events.ts'
