import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import { client } from '@/api/generated/client.gen'
import type { RunRead, StepRead } from '@/api/generated'
import { useRunEvents, withStep, type EventStream } from './useRunEvents'

function step(key: string, status: StepRead['status']): StepRead {
  return {
    key,
    label: key,
    status,
    attempts: 0,
    engine: null,
    usage: null,
    problem: null,
    started_at: null,
    finished_at: null,
  }
}

function run(changes: Partial<RunRead> = {}): RunRead {
  return {
    id: 'run-1',
    product_id: 'product-1',
    status: 'running',
    detail: null,
    missing: [],
    steps: [step('merge', 'pending'), step('generate:en', 'pending')],
    usage: {},
    created_at: '2026-01-01T00:00:00Z',
    started_at: null,
    finished_at: null,
    ...changes,
  }
}

class Stream extends EventTarget {
  readyState = 1
  constructor(readonly url: string) {
    super()
  }
  close() {
    this.readyState = 2
  }
  send(type: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
  fail(readyState: number) {
    this.readyState = readyState
    this.dispatchEvent(new Event('error'))
  }
}

describe('useRunEvents', () => {
  let scope: EffectScope
  let streams: Stream[]
  let answer: RunRead

  beforeEach(() => {
    vi.useFakeTimers()
    scope = effectScope()
    streams = []
    answer = run({ status: 'succeeded', usage: { output_tokens: 7 } })
    client.setConfig({ baseUrl: 'http://localhost', fetch: async () => Response.json(answer) })
  })

  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  function listen(initial = ref<RunRead | null>(run())) {
    const onStep = vi.fn()
    const onEnd = vi.fn()
    const open = (url: string) => {
      const stream = new Stream(url)
      streams.push(stream)
      return stream as unknown as EventStream
    }
    const live = scope.run(() => useRunEvents(initial, { open, onStep, onEnd }))
    if (!live) throw new Error('the scope is not active')
    return { ...live, initial, onStep, onEnd }
  }

  it('follows an active run from its snapshot', () => {
    const live = listen()
    expect(streams[0]?.url).toBe('/api/v1/runs/run-1/events')
    streams[0]?.send('snapshot', run({ status: 'waiting', detail: 'describe-image does not answer' }))
    expect(live.run.value?.status).toBe('waiting')
  })

  it('puts the news of a step at its place', () => {
    const live = listen()
    streams[0]?.send('step', step('merge', 'succeeded'))
    expect(live.run.value?.steps.map(({ status }) => status)).toEqual(['succeeded', 'pending'])
    expect(live.onStep).toHaveBeenCalledWith(expect.objectContaining({ key: 'merge' }))
  })

  it('closes at the end, and reads the totals once more', async () => {
    const live = listen()
    streams[0]?.send('end', { status: 'succeeded', missing: [] })
    expect(streams[0]?.readyState).toBe(2)
    await vi.waitFor(() =>
      expect(live.onEnd).toHaveBeenCalledWith(expect.objectContaining({ usage: { output_tokens: 7 } })),
    )
  })

  it('opens no stream for a run that has ended', () => {
    const live = listen(ref<RunRead | null>(run({ status: 'failed' })))
    expect(streams).toHaveLength(0)
    expect(live.run.value?.status).toBe('failed')
  })

  it('follows the next run', async () => {
    const live = listen()
    live.initial.value = run({ id: 'run-2' })
    await nextTick()
    expect(streams.map(({ url }) => url)).toEqual(['/api/v1/runs/run-1/events', '/api/v1/runs/run-2/events'])
    expect(streams[0]?.readyState).toBe(2)
    streams[0]?.send('step', step('late', 'failed'))
    expect(live.run.value?.steps).toHaveLength(2)
  })

  it('leaves a short interruption to the browser', () => {
    const live = listen()
    streams[0]?.fail(0)
    expect(live.reconnecting.value).toBe(true)
    streams[0]?.send('run', { status: 'running' })
    expect(live.reconnecting.value).toBe(false)
    expect(streams).toHaveLength(1)
  })

  it('opens the stream anew where the browser gave up', async () => {
    answer = run()
    listen()
    streams[0]?.fail(2)
    await vi.advanceTimersByTimeAsync(3_000)
    await vi.waitFor(() => expect(streams).toHaveLength(2))
  })

  it('stops with the page', () => {
    listen()
    scope.stop()
    expect(streams[0]?.readyState).toBe(2)
  })
})

describe('withStep', () => {
  it('adds a step that is new', () => {
    expect(withStep(run(), step('generate:es', 'running')).steps).toHaveLength(3)
  })
})
