import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPolicyFile } from '../../bin/policy-file.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { defaultDemands, writePolicy } from '../../verifier/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'

const folder = temporaryFolder()

describe('readPolicyFile', () => {
  it('reads the default policy as it is published', async () => {
    expect(await readPolicyFile(join(packageRoot, 'docs/policies/default.json'))).toEqual(defaultDemands)
    expect(await readPolicyFile(undefined)).toEqual({})
  })

  it('refuses what is no policy, and a file that is not there', async () => {
    const file = join(folder, 'policy.json')
    writeFileSync(file, '{"schema":"zhengyin-policy-1"}')
    const { message } = await toThrowWithCode(readPolicyFile(file), 'POLICY_REFUSED')
    expect(message).toContain('/id')
    await toThrowWithCode(readPolicyFile(`${file}.none`), 'FILE_UNREADABLE')
  })

  it('refuses one that bears the name of the default and demands something else', async () => {
    const file = join(folder, 'lenient.json')
    writeFileSync(file, writePolicy({ ...defaultDemands, revocation: 'skipped' }))
    await toThrowWithCode(readPolicyFile(file), 'POLICY_REFUSED')
    writeFileSync(file, writePolicy({ ...defaultDemands, title: { zh: '标题', en: 'Another title' } }))
    expect(await readPolicyFile(file)).toMatchObject({ id: defaultDemands.id })
  })
})
