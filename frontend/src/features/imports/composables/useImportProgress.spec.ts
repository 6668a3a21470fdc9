import { describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import type { ImportRead } from '@/api/generated'
import { useImportProgress, type EventStream } from './useImportProgress'

class FakeStream extends EventTarget {
  readyState = 1
  close = vi.fn<() => void>(() => (this.readyState = 2))

  send(type: string, data: ImportRead): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
}

const state = (status: ImportRead['status'], rows_read = 0) => ({ id: 'one', status, rows_read }) as ImportRead

function follow(initial: ImportRead | undefined) {
  const streams: FakeStream[] = []
  const current = ref(initial)
  const onEnd = vi.fn<(ended: ImportRead) => void>()
  const scope = effectScope()
  const { reconnecting } = scope.run(() =>
    useImportProgress(current, {
      open: () => {
        const stream = new FakeStream()
        streams.push(stream)
        return stream as unknown as EventStream
      },
      onState: (now) => (current.value = now),
      onEnd,
    }),
  )!
  return { streams, current, onEnd, scope, reconnecting }
}

describe('useImportProgress', () => {
  it('opens no stream for what is not under way', () => {
    expect(follow(state('ready')).streams).toEqual([])
    expect(follow(undefined).streams).toEqual([])
  })

  it('takes each state, and closes with the last one', () => {
    const { streams, current, onEnd } = follow(state('queued'))
    streams[0]?.send('snapshot', state('running', 5))
    expect(current.value?.rows_read).toBe(5)
    streams[0]?.send('end', state('succeeded', 9))
    expect(current.value?.status).toBe('succeeded')
    expect(streams[0]?.close).toHaveBeenCalled()
    expect(onEnd).toHaveBeenCalledOnce()
  })

  it('says that it reconnects, until something comes', () => {
    const { streams, reconnecting } = follow(state('running'))
    streams[0]?.dispatchEvent(new Event('error'))
    expect(reconnecting.value).toBe(true)
    streams[0]?.send('snapshot', state('running', 6))
    expect(reconnecting.value).toBe(false)
  })

  it('closes when nobody looks any more', () => {
    const { streams, scope } = follow(state('running'))
    scope.stop()
    expect(streams[0]?.close).toHaveBeenCalled()
  })
})
