import { useToast } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import type { Problem } from '@/api/generated'
import { toProblemError } from '@/api/problem'

export interface ProblemText {
  title: string
  /** What happened and what is safe, in the reader's language where we know the type. */
  description: string | undefined
  /** The server's own words, where they say more than the description. */
  technical: string | undefined
}

interface Translator {
  t: (key: string) => string
  te: (key: string) => boolean
}

/** `/problems/sku-taken` → its texts; an unknown type falls back to what the server wrote. */
export function describeProblem(problem: Problem, { t, te }: Translator): ProblemText {
  const slug = problem.type.split('/').pop() ?? ''
  const titleKey = `problems.${slug}.title`
  const detailKey = `problems.${slug}.detail`
  const detail = problem.detail ?? undefined
  if (slug === '' || !te(titleKey)) return { title: problem.title, description: detail, technical: undefined }
  const description = te(detailKey) ? t(detailKey) : detail
  return { title: t(titleKey), description, technical: detail === description ? undefined : detail }
}

export function useProblems() {
  const { t, te } = useI18n()
  // Every text is there in English; another language may lack one for a moment, never the app.
  const known = (key: string) => te(key) || te(key, 'en')
  return {
    describe: (error: unknown): ProblemText => describeProblem(toProblemError(error).problem, { t, te: known }),
    describeRaw: (problem: Problem): ProblemText => describeProblem(problem, { t, te: known }),
  }
}

/** Say what went wrong in a toast, for actions that have no better place for it. */
export function useProblemToast() {
  const toast = useToast()
  const { describe } = useProblems()
  return (error: unknown): void => {
    // The sign-in page itself tells about an ended session.
    if (toProblemError(error).status === 401) return
    const { title, description } = describe(error)
    toast.add({ title, description, color: 'error', icon: 'i-lucide-circle-alert' })
  }
}
