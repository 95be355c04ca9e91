// Questions and answers of a ceremony, from lines as a file on stdin gives them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { askNewHolders, askShares } from '../../bin/ceremony/people.ts'
import { askYes, isFilled, isNumberFrom, openPrompts } from '../../bin/ceremony/prompts.ts'
import { makeSharedKey } from '../../key-store/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

/** Prompts that read these lines; `shown` is what stood on the screen. */
function promptsOf(lines: readonly string[], isTTY = false) {
  const input = new PassThrough()
  let shown = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      shown += chunk
      done()
    },
  })
  const prompts = openPrompts(Object.assign(input, { isTTY }) as unknown as NodeJS.ReadStream, output)
  input.write(lines.map((line) => `${line}\n`).join(''))
  if (!isTTY) input.end()
  return { prompts, shown: () => shown, type: (line: string) => input.write(`${line}\n`), end: () => input.end() }
}

describe('openPrompts', () => {
  it('gives answers in order, defaults for empty ones, and ends where they end', async () => {
    const { prompts } = promptsOf(['  Room 1  ', '', '7'])
    expect(await prompts.ask('Place')).toBe('Room 1')
    expect(await prompts.ask('Country', { byDefault: 'CN' })).toBe('CN')
    expect(await prompts.ask('Number', { check: isNumberFrom(1, 9) })).toBe('7')
    await rejectsWithCode(prompts.ask('More'), 'ANSWER_MISSING')
  })

  it('ends at a wrong answer from a file, and at one that is far too long', async () => {
    await rejectsWithCode(promptsOf(['']).prompts.ask('Name', { check: isFilled }), 'ANSWER_REFUSED')
    await rejectsWithCode(promptsOf(['17']).prompts.ask('Number', { check: isNumberFrom(2, 16) }), 'ANSWER_REFUSED')
    await rejectsWithCode(promptsOf(['x'.repeat(5000)]).prompts.ask('Name'), 'ANSWER_REFUSED')
  })

  it('asks a person again, and shows what they type but for secrets', async () => {
    const { prompts, shown, type } = promptsOf([], true)
    const number = prompts.ask('Number', { check: isNumberFrom(1, 9) })
    type('many')
    type('3')
    expect(await number).toBe('3')
    expect(shown()).toContain('many')
    const secret = prompts.ask('Passphrase', { isSecret: true })
    type('a secret that is typed')
    type('a secret typed ahead')
    expect(await secret).toBe('a secret that is typed')
    expect(await prompts.ask('The same again', { isSecret: true })).toBe('a secret typed ahead')
    expect(shown()).toContain('expected a number from 1 to 9')
    expect(shown()).not.toContain('a secret')
    prompts.close()
  })

  it('keeps the blanks of a secret', async () => {
    expect(await promptsOf(['  blanks count  ']).prompts.ask('Passphrase', { isSecret: true })).toBe('  blanks count  ')
  })
})

describe('askYes', () => {
  it('takes a yes or a no in any case and either language, and asks a person again after anything else', async () => {
    for (const [line, expected] of [
      ['Yes', true],
      ['y', true],
      ['是', true],
      ['NO', false],
      ['否', false],
    ] as const)
      expect(await askYes(promptsOf([line]).prompts, 'go on')).toBe(expected)
    const { prompts } = promptsOf(['yse', '', 'YES'], true)
    expect(await askYes(prompts, 'go on')).toBe(true)
    prompts.close()
    await rejectsWithCode(askYes(promptsOf([]).prompts, 'go on'), 'ANSWER_MISSING')
  })
})

describe('askNewHolders', () => {
  it('takes number, threshold, names and passphrases, and refuses two that differ or one too short', async () => {
    const one = ['Zhang San', 'passphrase one', 'passphrase one']
    const two = ['Li Si', 'passphrase two', 'passphrase two']
    expect(await askNewHolders(promptsOf(['2', '2', ...one, ...two]).prompts)).toEqual({
      names: ['Zhang San', 'Li Si'],
      passphrases: ['passphrase one', 'passphrase two'],
      threshold: 2,
    })
    await rejectsWithCode(
      askNewHolders(promptsOf(['2', '2', ...one, 'Li Si', 'passphrase two', 'passphrase too']).prompts),
      'ANSWER_REFUSED',
    )
    await rejectsWithCode(askNewHolders(promptsOf(['2', '2', 'Zhang San', 'short', 'short']).prompts), 'ANSWER_REFUSED')
    await rejectsWithCode(askNewHolders(promptsOf(['2', '3']).prompts), 'ANSWER_REFUSED')
    await rejectsWithCode(askNewHolders(promptsOf(['2', '2', ...one, ...one]).prompts), 'ANSWER_REFUSED')
  })
})

describe('askShares', () => {
  const folder = temporaryFolder()
  const passphrases = ['first holder 1', 'second holder 2', 'third holder 3']
  const made = makeSharedKey()
  const given = (set: string, number: number, passphrase = passphrases[number - 1]!) => [
    `Holder ${number}`,
    join(folder, `${set}-${number}.txt`),
    passphrase,
  ]
  let sheets: string[]
  beforeAll(async () => {
    const share = (key: typeof made) => key.share({ threshold: 2, passphrases, log2Cost: 14 })
    sheets = await share(made)
    for (const [set, all] of [
      ['own', sheets],
      ['later', await share(made)],
      ['foreign', await share(makeSharedKey())],
    ] as const) {
      for (const [i, sheet] of all.entries()) writeFileSync(join(folder, `${set}-${i + 1}.txt`), `A share\n\n${sheet}`)
    }
  })
  const opening = (...answers: string[]) => askShares(promptsOf(answers).prompts, made.keyId)

  it('opens the key with enough of them, from files and typed from paper', async () => {
    const opened = await opening(...given('own', 3), ...given('own', 1))
    expect(opened.sharedKey.key.publicKey).toEqual(made.key.publicKey)
    expect(opened.holders.map(({ name }) => name)).toEqual(['Holder 3', 'Holder 1'])
    expect(opened.sharing).toEqual({ threshold: 2, count: 3 })
    const typed = sheets[1]!
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(3).toLowerCase())
    const again = await opening('Holder 2', 'type', ...typed, passphrases[1]!, ...given('own', 1))
    expect(again.sharedKey.keyId).toBe(made.keyId)
  })

  it('refuses too few, one twice, one of another root, one of an earlier sharing, and a wrong passphrase', async () => {
    await rejectsWithCode(opening(...given('own', 1)), 'ANSWER_MISSING')
    await rejectsWithCode(opening(...given('own', 1), ...given('own', 1)), 'KEY_SHARE_DUPLICATE')
    await rejectsWithCode(opening(...given('foreign', 1)), 'KEY_SHARES_FOREIGN')
    await rejectsWithCode(opening(...given('own', 1), ...given('later', 2)), 'KEY_SHARES_FOREIGN')
    await rejectsWithCode(opening(...given('own', 1, 'not the passphrase')), 'KEY_SHARE_PASSPHRASE_WRONG')
    await rejectsWithCode(opening('Holder 1', join(folder, 'nowhere.txt')), 'FILE_UNREADABLE')
  })

  it('tells of a slip in a typed line at once, takes its number with it, and says when the input ends within', async () => {
    const lines = sheets[1]!.trimEnd().split('\n')
    const slip = lines[1]!.slice(3).replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))
    const answers = ['Holder 2', 'type', lines[0]!, slip, ...lines.slice(1), passphrases[1]!, ...given('own', 1)]
    const { prompts, shown } = promptsOf(answers, true)
    expect((await askShares(prompts, made.keyId)).sharedKey.keyId).toBe(made.keyId)
    expect(shown()).toContain('第 2 行有错字')
    prompts.close()
    const ended = promptsOf(['Holder 2', 'type'], true)
    ended.end()
    await rejectsWithCode(askShares(ended.prompts, made.keyId), 'ANSWER_MISSING')
  })

  it('tells a person what was wrong and goes on with the next try', async () => {
    const answers = [
      ...given('own', 1, 'not the passphrase'),
      ...given('own', 1),
      ...given('own', 1).slice(0, 2),
      ...given('own', 2),
    ]
    const { prompts, shown } = promptsOf(answers, true)
    const { sharedKey } = await askShares(prompts, made.keyId)
    expect(sharedKey.keyId).toBe(made.keyId)
    expect(shown()).toContain('does not open share 1')
    expect(shown()).toContain('share 1 was given already')
    for (const passphrase of [...passphrases, 'not the passphrase']) expect(shown()).not.toContain(passphrase)
    prompts.close()
  })
})
