import { describe, expect, it } from 'vitest'
import { parsePermit } from '../../bin/ceremony/offline.ts'
import { x509 } from '../../pki/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

describe('parsePermit', () => {
  it('reads names of hosts, of mail and of the directory, each value to its end', () => {
    expect(parsePermit('dns:shenyang.example')).toEqual({ kind: 'dns', value: 'shenyang.example' })
    expect(parsePermit('email:shenyang.example')).toEqual({ kind: 'email', value: 'shenyang.example' })
    const entries = [
      ['C', 'CN'],
      ['O', 'A=B'],
    ] as const
    expect(parsePermit('directory:C=CN/O=A=B')).toEqual({ kind: 'directory', value: x509.encodeName(entries) })
  })

  it.each(['', 'dns:', 'uri:http://x', 'directory:', 'directory:C=CN/O', 'directory:C=CN/=x', 'directory:O='])(
    'refuses %j',
    (text) => {
      throwsWithCode(() => parsePermit(text), 'ANSWER_REFUSED')
    },
  )
})
