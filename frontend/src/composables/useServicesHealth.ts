import { useQuery } from '@pinia/colada'
import { useDocumentVisibility, useIntervalFn } from '@vueuse/core'
import { computed } from 'vue'
import { healthQuery } from '@/api/queries'

const POLL_MS = 10_000

/** How the services are; asked every ten seconds while somebody looks at the page. */
export function useServicesHealth(options: { poll?: boolean } = {}) {
  const { data: health, error, refetch } = useQuery(healthQuery)
  const visibility = useDocumentVisibility()
  if (options.poll) {
    useIntervalFn(() => {
      if (visibility.value === 'visible') void refetch()
    }, POLL_MS)
  }
  const down = computed(() => health.value?.services.filter((service) => service.status === 'down') ?? [])
  /** The engines that can write a listing now. */
  const writers = computed(
    () =>
      health.value?.services
        .find((service) => service.name === 'generate-description')
        ?.engines?.filter((engine) => engine.ready) ?? [],
  )
  return { health, error, down, writers, refetch }
}
