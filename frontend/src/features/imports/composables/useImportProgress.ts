import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue'
import { getImport, type ImportRead } from '@/api/generated'
import { isUnderWay } from '../importState'

/** The parts of EventSource that are used; tests bring their own. */
export type EventStream = Pick<EventSource, 'addEventListener' | 'close' | 'readyState'>

interface Options {
  open?: (url: string) => EventStream
  onState: (state: ImportRead) => void
  onEnd?: (ended: ImportRead) => void
}

const CLOSED = 2
const REOPEN_MS = 3_000

/** Tells how an import is on the server, as long as it is under way. */
export function useImportProgress(current: Ref<ImportRead | undefined>, options: Options) {
  const open = options.open ?? ((url: string) => new EventSource(url))
  const reconnecting = ref(false)
  let stream: EventStream | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function close(): void {
    clearTimeout(timer)
    stream?.close()
    stream = null
    reconnecting.value = false
  }

  function take(state: ImportRead): void {
    options.onState(state)
    if (isUnderWay(state.status)) return
    close()
    options.onEnd?.(state)
  }

  function listen(id: string): void {
    close()
    const opened = open(`/api/v1/imports/${id}/events`)
    stream = opened
    for (const type of ['snapshot', 'end']) {
      opened.addEventListener(type, (event) => {
        if (stream !== opened || !(event instanceof MessageEvent)) return
        reconnecting.value = false
        take(JSON.parse(event.data) as ImportRead)
      })
    }
    opened.addEventListener('error', () => {
      if (stream !== opened) return
      reconnecting.value = true
      if (opened.readyState === CLOSED) timer = setTimeout(() => void reopen(id), REOPEN_MS)
    })
  }

  /** An ordinary request tells why a stream was refused: a session that has ended leads to the sign-in page. */
  async function reopen(id: string): Promise<void> {
    try {
      const { data } = await getImport({ path: { import_id: id }, throwOnError: true })
      take(data)
      if (isUnderWay(data.status)) listen(id)
    } catch {
      timer = setTimeout(() => void reopen(id), REOPEN_MS)
    }
  }

  watch(
    () => (current.value && isUnderWay(current.value.status) ? current.value.id : null),
    (id) => (id ? listen(id) : close()),
    { immediate: true },
  )
  onScopeDispose(close)

  return { reconnecting: readonly(reconnecting) }
}
