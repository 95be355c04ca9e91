import type { Text } from '../report.ts'
import { shown } from '../shown.ts'

/** What a document says of itself may stand in a sentence, so every sentence is made fit to be shown. */
export const say = (zh: string, en: string): Text => ({ zh: shown(zh), en: shown(en) })

/** A sentence about the status, as of the instant that was asked about in place of now. */
export const sayThen = (then: Text | null, zh: string, en: string): Text =>
  then === null ? say(zh, en) : say(`在所问的时间 ${then.zh}：${zh}`, `At the time asked about, ${then.en}: ${en}`)
