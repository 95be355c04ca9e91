import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPolicyFile } from '../../bin/policy-file.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { defaultDemands } from '../../verifier/index.ts'
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
})
