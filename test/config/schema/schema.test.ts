import { Ajv } from 'ajv'
import t from 'tap'
import { schema } from '../../../src/config/schema/schema.ts'

// The program itself does not look at each start.
t.test('the schema follows JSON Schema', t => {
  const ajv = new Ajv()
  t.ok(ajv.validateSchema(schema), ajv.errorsText())
  t.end()
})
