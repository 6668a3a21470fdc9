import { onScopeDispose, readonly, ref, shallowRef, watch, type Ref } from 'vue'
import { getRun, type RunRead, type StepRead } from '@/api/generated'
import { isActive } from '@/composables/statuses'

/** The parts of EventSource that are used; tests bring their own. */
export type EventStream = Pick<EventSource, 'addEventListener' | 'close' | 'readyState'>

interface Options {
  open?: (url: string) => EventStream
  /** A step has new facts or texts: `key` says which. */
  onStep?: (step: StepRead) => void
  onEnd?: (run: RunRead) => void
}

const CLOSED = 2
const REOPEN_MS = 3_000

/** The step's news at its place, all others as they were. */
export function withStep(run: RunRead, step: StepRead): RunRead {
  const known = run.steps.some(({ key }) => key === step.key)
  const steps = known ? run.steps.map((each) => (each.key === step.key ? step : each)) : [...run.steps, step]
  return { ...run, steps }
}

/**
 * A run, live. The stream begins with a snapshot, and the browser resumes it after the last event that it saw;
 * where it gives up (the server was restarted, say) the stream is opened anew.
 */
export function useRunEvents(initial: Ref<RunRead | null | undefined>, options: Options = {}) {
  const open = options.open ?? ((url: string) => new EventSource(url))
  const run = shallowRef<RunRead | null>(null)
  const reconnecting = ref(false)
  let stream: EventStream | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function close(): void {
    clearTimeout(timer)
    stream?.close()
    stream = null
    reconnecting.value = false
  }

  function listen(id: string): void {
    close()
    const current = open(`/api/v1/runs/${id}/events`)
    stream = current
    const on = <T>(type: string, handle: (data: T) => void) => {
      current.addEventListener(type, (event) => {
        if (stream !== current || !(event instanceof MessageEvent)) return
        reconnecting.value = false
        handle(JSON.parse(event.data) as T)
      })
    }
    on<RunRead>('snapshot', (snapshot) => {
      run.value = snapshot
      if (!isActive(snapshot.status)) close()
    })
    on<StepRead>('step', (step) => {
      if (run.value) run.value = withStep(run.value, step)
      options.onStep?.(step)
    })
    on<Partial<RunRead>>('run', ({ status, detail }) => {
      if (run.value && status) run.value = { ...run.value, status, detail: detail ?? null }
    })
    on<Partial<RunRead>>('end', ({ status, missing }) => {
      close()
      if (run.value && status) run.value = { ...run.value, status, detail: null, missing: missing ?? [] }
      void finish(id)
    })
    current.addEventListener('error', () => {
      if (stream !== current) return
      reconnecting.value = true
      if (current.readyState === CLOSED) timer = setTimeout(() => void reopen(id), REOPEN_MS)
    })
  }

  /** Only `getRun` tells why a stream was refused: a session that has ended leads to the sign-in page. */
  async function reopen(id: string): Promise<void> {
    try {
      const { data } = await getRun({ path: { run_id: id }, throwOnError: true })
      run.value = data
      if (isActive(data.status)) listen(id)
      else {
        close()
        options.onEnd?.(data)
      }
    } catch {
      timer = setTimeout(() => void reopen(id), REOPEN_MS)
    }
  }

  /** The end event carries no totals: they are read once more. */
  async function finish(id: string): Promise<void> {
    try {
      run.value = (await getRun({ path: { run_id: id }, throwOnError: true })).data
    } finally {
      if (run.value) options.onEnd?.(run.value)
    }
  }

  watch(
    () => [initial.value?.id, isActive(initial.value?.status)] as const,
    ([id, active], before) => {
      if (initial.value && (run.value?.id !== id || !stream)) run.value = initial.value
      if (id && active && (id !== before?.[0] || !stream)) listen(id)
      else if (!id || !active) close()
    },
    { immediate: true },
  )
  onScopeDispose(close)

  return { run: readonly(run) as Readonly<Ref<RunRead | null>>, reconnecting: readonly(reconnecting) }
}
