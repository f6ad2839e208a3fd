// All that is used of the client library besides types: of a module that is imported whole and late, a bundler keeps everything. (The
// library's own reader of YAML brings half a megabyte of models along.)
export { findHomeDir, KubeConfig } from '@kubernetes/client-node'
export { parseDocument } from 'yaml'
