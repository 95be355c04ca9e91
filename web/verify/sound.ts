// What a clerk hears without looking: two rising notes for genuine, two low ones for refused, one for what cannot be decided.
import { ref } from 'vue'
import type { VerdictTone } from './verdict.ts'

const storageKey = 'zhengyin-counter-sound'

function remembered(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'off'
  } catch {
    return true
  }
}

export const isSoundOn = ref(remembered())

export function setSound(on: boolean): void {
  isSoundOn.value = on
  try {
    localStorage.setItem(storageKey, on ? 'on' : 'off')
  } catch {
    // Not remembered, still switched.
  }
}

interface Note {
  readonly hertz: number
  readonly seconds: number
}

const melodies: Readonly<Record<VerdictTone, readonly Note[]>> = {
  genuine: [
    { hertz: 660, seconds: 0.11 },
    { hertz: 990, seconds: 0.2 },
  ],
  ended: [
    { hertz: 440, seconds: 0.18 },
    { hertz: 330, seconds: 0.3 },
  ],
  forged: [
    { hertz: 190, seconds: 0.22 },
    { hertz: 190, seconds: 0.4 },
  ],
  unsure: [{ hertz: 480, seconds: 0.35 }],
}

let context: AudioContext | undefined

/** Plays a verdict, unless muted or the browser has no sound. */
export function playVerdict(tone: VerdictTone): void {
  if (!isSoundOn.value || typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  void context.resume()
  let at = context.currentTime + 0.02
  for (const { hertz, seconds } of melodies[tone]) {
    const note = context.createOscillator()
    const volume = context.createGain()
    note.frequency.value = hertz
    note.type = tone === 'forged' ? 'square' : 'sine'
    // A note that begins or ends at full strength clicks.
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(0.25, at + 0.01)
    volume.gain.linearRampToValueAtTime(0, at + seconds)
    note.connect(volume).connect(context.destination)
    note.start(at)
    note.stop(at + seconds)
    at += seconds + 0.05
  }
}
