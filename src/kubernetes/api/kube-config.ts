// All that is used of the client library besides types: of a module that is imported whole and late, a bundler keeps everything.
export { KubeConfig } from '@kubernetes/client-node'
