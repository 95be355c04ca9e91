import { computed, type Ref, ref, shallowRef } from 'vue'
import { type FieldFault, type Problem, problemOf } from '../../kit/problem.ts'
import { openTemplate, saveTemplate } from './studio.ts'
import { copyOf, type Definition, pagesOf, type TemplateElement, type TemplatePage } from './template.ts'

const MOST_STEPS_BACK = 100

/** A template while it is drawn: what it is, what is chosen, what was before, whether it is saved. */
export interface Studio {
  readonly definition: Ref<Definition | undefined>
  readonly state: Ref<string>
  readonly version: Ref<number>
  readonly digest: Ref<string | null>
  /** The further page, where there is one, comes after the last. */
  readonly pageIndex: Ref<number>
  readonly page: Ref<TemplatePage | undefined>
  readonly chosenIndex: Ref<number | undefined>
  readonly chosen: Ref<TemplateElement | undefined>
  readonly isChanged: Ref<boolean>
  readonly canUndo: Ref<boolean>
  readonly busy: Ref<boolean>
  readonly problem: Ref<Problem | undefined>
  readonly faults: Ref<readonly FieldFault[]>
  /** Rises with every change, for whoever follows them. */
  readonly turn: Ref<number>
  load(): Promise<void>
  save(): Promise<boolean>
  /** Changes the definition; what was before can be had back. Changes under one `run` count as one. */
  change(work: (definition: Definition) => void, run?: string): void
  undo(): void
  add(element: TemplateElement): void
  /** Puts a copy of the chosen element beside it. */
  copy(): void
  remove(): void
}

export function useStudio(typeCode: string): Studio {
  const definition = ref<Definition>()
  const state = ref('none')
  const version = ref(1)
  const digest = ref<string | null>(null)
  const pageIndex = ref(0)
  const chosenIndex = ref<number>()
  const saved = ref('')
  const before = shallowRef<readonly string[]>([])
  const busy = ref(false)
  const problem = ref<Problem>()
  const faults = ref<readonly FieldFault[]>([])
  const turn = ref(0)
  const page = computed(() => definition.value && pagesOf(definition.value.layout)[pageIndex.value])
  const chosen = computed(() => (chosenIndex.value === undefined ? undefined : page.value?.elements[chosenIndex.value]))
  const isChanged = computed(() => definition.value !== undefined && JSON.stringify(definition.value) !== saved.value)
  let lastRun = ''

  // What was refused is no longer what is there.
  const touch = () => {
    problem.value = undefined
    faults.value = []
    turn.value++
  }
  const show = (next: Definition) => {
    definition.value = next
    touch()
    if (pageIndex.value >= pagesOf(next.layout).length) pageIndex.value = 0
    if (chosenIndex.value !== undefined && !page.value?.elements[chosenIndex.value]) chosenIndex.value = undefined
  }
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    busy.value = true
    problem.value = undefined
    faults.value = []
    try {
      await work()
      return true
    } catch (error) {
      problem.value = problemOf(error)
      faults.value = problem.value.errors ?? []
      return false
    } finally {
      busy.value = false
    }
  }
  const change: Studio['change'] = (work, run = '') => {
    if (!definition.value) return
    if (run === '' || run !== lastRun)
      before.value = [...before.value.slice(1 - MOST_STEPS_BACK), JSON.stringify(definition.value)]
    lastRun = run
    work(definition.value)
    touch()
  }
  return {
    definition,
    state,
    version,
    digest,
    pageIndex,
    page,
    chosenIndex,
    chosen,
    isChanged,
    canUndo: computed(() => before.value.length > 0),
    busy,
    problem,
    faults,
    turn,
    change,
    async load() {
      await attempt(async () => {
        const opened = await openTemplate(typeCode)
        state.value = opened.state
        version.value = opened.templateVersion
        digest.value = opened.definitionDigest
        before.value = []
        saved.value = opened.state === 'none' ? '' : JSON.stringify(opened.definition)
        show(opened.definition)
      })
    },
    save: () =>
      attempt(async () => {
        if (!definition.value) return
        const sent = JSON.stringify(definition.value)
        const row = await saveTemplate(definition.value, digest.value)
        digest.value = row.definitionDigest
        state.value = row.state
        version.value = row.templateVersion
        saved.value = sent
      }),
    undo() {
      const last = before.value.at(-1)
      if (last === undefined) return
      before.value = before.value.slice(0, -1)
      lastRun = ''
      show(JSON.parse(last) as Definition)
    },
    add(element) {
      change(() => page.value?.elements.push(element))
      chosenIndex.value = (page.value?.elements.length ?? 1) - 1
    },
    copy() {
      const [element, on] = [chosen.value, page.value]
      if (element && on) this.add(copyOf(element, on))
    },
    remove() {
      const at = chosenIndex.value
      if (at === undefined) return
      change(() => page.value?.elements.splice(at, 1))
      chosenIndex.value = undefined
    },
  }
}
