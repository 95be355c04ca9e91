import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { engines } from '../support/engines.ts'
import { describeSchema, goldenSchema, schemas } from './schema.ts'

describe.each(engines)('the schemas on $name', ({ open }) => {
  it.each(schemas)('$schema is what its golden file shows', async (schema) => {
    const database = await open()
    try {
      expect(await describeSchema(database, schema)).toBe(readFileSync(goldenSchema(schema.schema), 'utf8'))
    } finally {
      await database.close()
    }
  })
})
