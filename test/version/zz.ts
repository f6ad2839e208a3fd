import { readModel } from './reference-model.ts'
import { readTag } from '../../src/version/read-tag.ts'
import { columnsOf } from '../../src/version/tag-table.ts'
import * as fc from 'fast-check'
import { versionTag } from './tags.ts'
let n=0
for (const tag of fc.sample(versionTag, 20000)) { const m=readModel(tag), v=readTag(tag); if (typeof v==='string') { if (m) console.log(tag,'model reads'), n++; continue } if(!m){console.log(tag,'model not',v.prefix);n++; continue}
 if (m.prefix!==v.prefix||m.variant!==v.suffix.variant||m.kinds!==v.suffix.revisionKinds||m.revisions.join()!==v.suffix.revisions.join()||m.core.join()!==[v.x,v.y,v.z,v.w].slice(0,v.count).join()) { console.log(tag, m, v.suffix); n++ }
 if (n>5) break }
