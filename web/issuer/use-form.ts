import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { now, todayInChina } from '../kit/clock.ts'
import { freshKey } from '../kit/ids.ts'
import type { Text } from '../kit/language.ts'
import type { FieldFault } from '../kit/problem.ts'
import { type BodyRequest, type FormBody, toRequest } from './bodies.ts'
import type { Definition } from './definition.ts'
import { dropDraft, readDraft, writeDraft } from './drafts.ts'
import { checkForm, type FormFault } from './form-checks.ts'
import { BODY_PLACE, type FormValues, toData, toFormValues, type Value } from './form-values.ts'
import { placeFaults } from './server-faults.ts'

const bodyMissing: Text = { zh: '请上传文件', en: 'Hand in the document' }

/** The id of the element that holds a place of the form, so that a fault can lead there. */
export const elementId = (place: string): string => `field-${place.replace(/[^\w-]/g, '-')}`

/**
 * A licence form while it is filled in: its values, what is wrong with them so far, its draft and the key under which they are minted.
 * `prefill` is used when no draft is kept.
 */
export function createForm(definition: Definition, draft: string, prefill: Readonly<Record<string, unknown>> = {}) {
  const kept = readDraft(draft)
  const values = reactive<FormValues>(kept?.values ?? toFormValues(definition, prefill))
  const key = ref(kept?.key ?? freshKey())
  const body = shallowRef<FormBody | undefined>(kept?.body)
  const wasRestored = ref(kept !== undefined)
  const touched = reactive(new Set<string>())
  const isSubmitted = ref(false)
  const fromServer = ref<FormFault[]>([])
  const elsewhere = ref<Text[]>([])
  let saving: ReturnType<typeof setTimeout> | undefined

  const own = computed(() => [
    ...(definition.body && !body.value ? [{ place: BODY_PLACE, text: bodyMissing }] : []),
    ...checkForm(definition, values, todayInChina(now())),
  ])
  const isComplete = computed(() => own.value.length === 0)
  /** What is shown: own faults of places already left (all of them after submitting) and the server's. */
  const shown = computed(() => {
    const visible = own.value.filter(({ place }) => isSubmitted.value || touched.has(place))
    const places = new Set(visible.map(({ place }) => place))
    return [...visible, ...fromServer.value.filter(({ place }) => !places.has(place))]
  })

  /** What is sent beside the data has changed: another request. */
  const renewKey = () => {
    key.value = freshKey()
  }

  function edited(name: string): void {
    renewKey()
    fromServer.value = fromServer.value.filter(({ place }) => place !== name && !place.startsWith(`${name}.`))
    elsewhere.value = []
  }

  function fill(data: Readonly<Record<string, unknown>>): void {
    Object.assign(values, toFormValues(definition, data))
    touched.clear()
    isSubmitted.value = false
    fromServer.value = []
    elsewhere.value = []
    wasRestored.value = false
    key.value = freshKey()
  }

  const save = () => writeDraft(draft, definition, { values, key: key.value, body: body.value })
  watch([values, key, body], () => {
    clearTimeout(saving)
    saving = setTimeout(() => {
      saving = undefined
      save()
    }, 400)
  })

  return {
    definition,
    values,
    key,
    body,
    renewKey,
    wasRestored,
    shown,
    isComplete,
    elsewhere,
    faultAt: (place: string): Text | undefined => shown.value.find((fault) => fault.place === place)?.text,
    data: () => toData(definition, values),
    /** What is sent of the uploaded document: nothing for a type whose documents are drawn. */
    bodyMembers: (): { readonly body?: BodyRequest } => (body.value ? { body: toRequest(body.value) } : {}),
    setBody(handedIn: FormBody | undefined): void {
      body.value = handedIn
      edited(BODY_PLACE)
    },
    set(name: string, value: Value): void {
      values.fields[name] = value
      edited(name)
    },
    setOpen(name: string, isOpen: boolean): void {
      values.open[name] = isOpen
      edited(name)
    },
    touch: (place: string): void => void touched.add(place),
    fill,
    /** Shows every fault from now on and says whether there is none. */
    submit(): boolean {
      isSubmitted.value = true
      return isComplete.value
    },
    refuse(faults: readonly FieldFault[]): void {
      const found = placeFaults(faults, definition, values)
      fromServer.value = found.placed
      elsewhere.value = found.elsewhere
    },
    /** The draft has become a licence, or was thrown away. */
    forget(): void {
      clearTimeout(saving)
      saving = undefined
      dropDraft(draft)
    },
    /** Saves at once, as the page is left. */
    flush(): void {
      if (saving === undefined) return
      clearTimeout(saving)
      saving = undefined
      save()
    },
  }
}

export type LicenceForm = ReturnType<typeof createForm>
