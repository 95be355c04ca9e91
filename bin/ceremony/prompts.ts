// Questions to the people of a ceremony, on stderr; answers from the terminal, or line by line from a file on stdin.
import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandError } from '../errors.ts'

/** What is wrong with an answer; undefined when it will do. */
export type AnswerCheck = (answer: string) => string | undefined

export interface AskOptions {
  readonly byDefault?: string
  readonly check?: AnswerCheck
  /** Not shown while it is typed, and never told again. */
  readonly isSecret?: boolean
}

export interface Prompts {
  /** At a terminal a wrong answer is asked for again; from a file it ends the command (`ANSWER_REFUSED`, `ANSWER_MISSING`). */
  ask(question: string, options?: AskOptions): Promise<string>
  /** Whether a person can be asked again. */
  readonly isInteractive: boolean
  tell(...lines: string[]): void
  close(): void
}

/** What is typed goes to the screen while a question waits for it that is no secret; what is typed ahead never does. */
class Echo extends Writable {
  isMuted = true
  readonly #to: NodeJS.WritableStream

  constructor(to: NodeJS.WritableStream) {
    super()
    this.#to = to
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (!this.isMuted) this.#to.write(chunk)
    done()
  }
}

const LONGEST_ANSWER = 4096

export function openPrompts(
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Prompts {
  const isInteractive = input.isTTY === true
  const echo = new Echo(output)
  const lines = createInterface({ input, output: echo, terminal: isInteractive, historySize: 0 })
  const next = lineReader(lines)
  const tell = (...texts: string[]): void => {
    for (const text of texts) output.write(`${text}\n`)
  }

  const missing = (question: string): CommandError =>
    new CommandError('ANSWER_MISSING', `输入已结束，没有回答 no answer to: ${question}`)

  const askOnce = async (question: string, { byDefault, isSecret }: AskOptions): Promise<string> => {
    const shown = `${question}${byDefault === undefined ? '' : ` [${byDefault}]`}: `
    if (next.isOver()) throw missing(question)
    echo.isMuted = isSecret === true
    if (isSecret || !isInteractive || next.isClosed()) output.write(shown)
    else {
      // As the line's own prompt it is still there when the line is drawn anew, after a backspace.
      lines.setPrompt(shown)
      lines.prompt()
    }
    const line = await next()
    echo.isMuted = true
    if (isSecret || !isInteractive) output.write('\n')
    if (line === undefined) throw missing(question)
    return (isSecret ? line : line.trim()) || (byDefault ?? '')
  }
  return {
    isInteractive,
    tell,
    async ask(question, options = {}) {
      for (;;) {
        const answer = await askOnce(question, options)
        const fault = answer.length > LONGEST_ANSWER ? '太长 this is too long' : options.check?.(answer)
        if (fault === undefined) return answer
        if (!isInteractive) throw new CommandError('ANSWER_REFUSED', `${question}: ${fault}`)
        tell(`  ${fault}`)
      }
    },
    close: () => lines.close(),
  }
}

interface LineReader {
  (): Promise<string | undefined>
  /** Nothing more comes; what was typed ahead may still wait. */
  isClosed(): boolean
  /** Closed, and nothing waits. */
  isOver(): boolean
}

/** Lines one after the other; undefined once there are no more. A line that comes before it is asked for waits. */
function lineReader(lines: Interface): LineReader {
  const waiting: string[] = []
  const asking: ((line: string | undefined) => void)[] = []
  let isClosed = false
  lines.on('line', (line) => {
    const ask = asking.shift()
    if (ask) ask(line)
    else waiting.push(line)
  })
  lines.on('close', () => {
    isClosed = true
    for (const ask of asking.splice(0)) ask(undefined)
  })
  const next = (): Promise<string | undefined> =>
    waiting.length > 0 || isClosed
      ? Promise.resolve(waiting.shift())
      : new Promise((resolve) => {
          asking.push(resolve)
        })
  return Object.assign(next, { isClosed: () => isClosed, isOver: () => isClosed && waiting.length === 0 })
}

const YES = ['yes', 'y', '是']
const NO = ['no', 'n', '否']

/** Asks for a yes; false for a no. Anything else is asked again: what was typed until then is not lost to a slip. */
export async function askYes(prompts: Prompts, what: string): Promise<boolean> {
  const answer = await prompts.ask(`输入 yes（是）继续，no（否）放弃 Type yes to ${what}, no to give up`, {
    check: (text) =>
      [...YES, ...NO].includes(text.toLowerCase()) ? undefined : '请回答 yes（是）或 no（否） answer yes or no',
  })
  return YES.includes(answer.toLowerCase())
}

export const isFilled: AnswerCheck = (answer) => (answer.trim() === '' ? '需要回答 an answer is needed' : undefined)

export const isNumberFrom =
  (least: number, most: number): AnswerCheck =>
  (answer) =>
    /^\d{1,3}$/.test(answer) && Number(answer) >= least && Number(answer) <= most
      ? undefined
      : `要 ${least} 至 ${most} 的数字 expected a number from ${least} to ${most}`
