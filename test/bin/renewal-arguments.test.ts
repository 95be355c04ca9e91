import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { renewalArguments } from '../../bin/ceremony/online.ts'

const key = (name: string) => ({
  departmentCode: '11330199MB3301255M',
  seal: { id: '33019900000001', name },
  certificate: new Uint8Array(),
})

it.each(['云汀市市场监督管理局', "a'; touch x; echo '", '$(touch x) `touch x`'])(
  'a seal is named in words that a shell gives back as they are: %s',
  (name) => {
    const line = renewalArguments(key(name)).replace(/ \(\d+\)$/, '')
    const given = execFileSync('bash', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' })
    expect(given).toBe(`--department\n11330199MB3301255M\n--name\n${name}\n`)
  },
)

it('a seal’s name sends nothing to the terminal but text', () => {
  expect(renewalArguments(key('\u001b[2J公章'))).not.toContain('\u001b')
})
