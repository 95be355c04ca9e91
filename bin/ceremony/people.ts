// What is asked at every ceremony: where, who, whose shares.
import { collectShares, isShareLine, KeyStoreError, type SharedKey } from '../../key-store/index.ts'
import type { Attendant } from '../../pki-service/index.ts'
import { readCallerFile } from '../caller-path.ts'
import { CommandError } from '../errors.ts'
import { isFilled, isNumberFrom, type Prompts } from './prompts.ts'

export interface Attendance {
  readonly place: string
  readonly people: readonly Attendant[]
}

/** Place, conductor and witnesses; the holders follow with their shares. */
export async function askAttendance(prompts: Prompts): Promise<Attendance> {
  const place = await prompts.ask('地点 Place', { check: isFilled })
  const conductor = await prompts.ask('主持人 Conductor', { check: isFilled })
  const witnesses = await prompts.ask('见证人，逗号分隔，可空 Witnesses, with commas between, may be empty')
  return {
    place,
    people: [
      { name: conductor, role: 'conductor' },
      ...witnesses
        .split(/[,，、]/)
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => ({ name, role: 'witness' as const })),
    ],
  }
}

export interface NewHolders {
  readonly names: readonly string[]
  readonly passphrases: readonly string[]
  readonly threshold: number
}

const MOST_HOLDERS = 16
const SHORTEST_PASSPHRASE = 12

/** Who will keep a share, each with a passphrase only they know, and how many of them open the key. */
export async function askNewHolders(prompts: Prompts): Promise<NewHolders> {
  const count = Number(
    await prompts.ask('分片数 Number of shares', { byDefault: '5', check: isNumberFrom(2, MOST_HOLDERS) }),
  )
  const threshold = Number(
    await prompts.ask('需要的分片数 Shares needed to open the key', {
      byDefault: String(Math.min(3, count)),
      check: isNumberFrom(2, count),
    }),
  )
  const names: string[] = []
  const passphrases: string[] = []
  for (let number = 1; number <= count; number++) {
    const check = (name: string) =>
      names.includes(name)
        ? '此人已持有一片；同名者请加以区分 this person holds a share already; tell namesakes apart'
        : isFilled(name)
    names.push(await prompts.ask(`第 ${number} 片持有人 Holder of share ${number}`, { check }))
    passphrases.push(await askNewPassphrase(prompts, number))
  }
  return { names, passphrases, threshold }
}

async function askNewPassphrase(prompts: Prompts, number: number): Promise<string> {
  for (;;) {
    const passphrase = await prompts.ask(`  口令（不显示） Passphrase of share ${number}, not shown`, {
      isSecret: true,
      check: (text) =>
        [...text].length < SHORTEST_PASSPHRASE
          ? `至少 ${SHORTEST_PASSPHRASE} 个字符 expected at least ${SHORTEST_PASSPHRASE} characters`
          : undefined,
    })
    const again = await prompts.ask('  再次输入 The same again', { isSecret: true })
    if (again === passphrase) return passphrase
    if (!prompts.isInteractive)
      throw new CommandError(
        'ANSWER_REFUSED',
        `第 ${number} 片：两次输入不同 passphrase of share ${number}: the two differ`,
      )
    prompts.tell('  两次输入不同，请重来 the two differ; once more')
  }
}

export interface OpenedRoot {
  readonly sharedKey: SharedKey
  readonly holders: readonly Attendant[]
  readonly sharing: { readonly threshold: number; readonly count: number }
}

/** What is refused at a share, in Chinese; the error itself says it in English. */
const ZH: Partial<Record<KeyStoreError['code'] | CommandError['code'], string>> = {
  KEY_SHARE_PASSPHRASE_WRONG: '口令不能打开此分片',
  KEY_SHARE_DUPLICATE: '此分片已给出',
  KEY_SHARES_FOREIGN: '此分片属于另一个密钥或另一次分片',
  KEY_SHARE_DAMAGED: '这不是完整的分片',
  FILE_UNREADABLE: '无法读取文件',
}

/** Asks for shares until the key opens. Throws KEY_SHARES_FOREIGN when they open another key than `keyId`. */
export async function askShares(prompts: Prompts, keyId: string): Promise<OpenedRoot> {
  const collector = collectShares()
  const holders: Attendant[] = []
  let sharing = { threshold: 0, count: 0 }
  try {
    while (collector.missing() !== 0) {
      const missing = collector.missing()
      prompts.tell(missing === undefined ? '需要分片 Shares are needed.' : `还需 ${missing} 片 ${missing} more needed.`)
      const name = await prompts.ask('持有人 Holder', { check: isFilled })
      try {
        const sheet = await askSheet(prompts)
        const facts = collector.inspect(sheet)
        if (facts.keyId !== keyId)
          throw new KeyStoreError('KEY_SHARES_FOREIGN', `share ${facts.index} is of another root`)
        await collector.add(
          sheet,
          await prompts.ask(`  口令（不显示） Passphrase of share ${facts.index}, not shown`, { isSecret: true }),
        )
        sharing = { threshold: facts.threshold, count: facts.count }
        holders.push({ name, role: 'holder' })
      } catch (error) {
        if (!prompts.isInteractive || !(error instanceof KeyStoreError || error instanceof CommandError)) throw error
        // Input that has ended answers no further try.
        if (error.code === 'ANSWER_MISSING') throw error
        prompts.tell(`  ${ZH[error.code] ?? ''} ${error.message}`)
      }
    }
    return { sharedKey: collector.open(), holders, sharing }
  } finally {
    collector.discard()
  }
}

const SHEET_LINES = 6

/** The number of the line may be typed with it, as it is printed, and blanks as any keyboard has them. */
const withoutNumber = (typed: string): string =>
  typed
    .replace(/^\s*\d\s*[:.：]\s*/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** From a file, or typed from paper line by line. */
async function askSheet(prompts: Prompts): Promise<string> {
  const path = await prompts.ask('  分片文件，或输入 type 手工录入 Share file, or "type" to type it in', {
    check: isFilled,
  })
  if (path !== 'type') return (await readCallerFile(path)).toString('utf8')
  const lines: string[] = []
  for (let number = 1; number <= SHEET_LINES; number++) {
    // Each line has its own two letters of check: a slip is told before the next line is typed.
    const check = (typed: string) =>
      typed.trim() === '' || isShareLine(number, withoutNumber(typed))
        ? undefined
        : `第 ${number} 行有错字，请重输此行，空行则放下此分片 line ${number} has a wrong letter: type this line again, or an empty line to leave this share`
    const line = withoutNumber(await prompts.ask(`  ${number}`, { check }))
    if (line === '') throw new CommandError('ANSWER_REFUSED', '已放下此分片 this share was left')
    lines.push(`${number}: ${line}`)
  }
  return lines.join('\n')
}
