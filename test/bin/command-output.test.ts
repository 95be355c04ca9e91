// The command line whose output nobody reads to its end.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'

describe('zhengyin … | head', () => {
  it('ends quietly when its output is closed early', () => {
    const piped = '{ "$0" bin/zhengyin.ts example; echo "ended with $?" >&2; } | true'
    const { stderr } = spawnSync('bash', ['-c', piped, process.execPath], { cwd: packageRoot, encoding: 'utf8' })
    expect(stderr).toBe('ended with 0\n')
  })
})
