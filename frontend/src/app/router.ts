import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { useSession } from '@/composables/useSession'

declare module 'vue-router' {
  interface RouteMeta {
    /** Reachable without a session. */
    public?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  routes: [
    { path: '/', redirect: { name: 'products' } },
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('@/features/auth/SignInView.vue'),
      meta: { public: true },
    },
    { path: '/products', name: 'products', component: () => import('@/features/products/ProductsView.vue') },
    {
      path: '/products/:id',
      name: 'product',
      props: true,
      component: () => import('@/features/product/ProductView.vue'),
    },
    { path: '/:path(.*)*', name: 'not-found', component: () => import('./NotFoundView.vue') },
  ],
})

/** The sign-in page, with the way back. */
export function signInFor(target: RouteLocationNormalized) {
  const next = target.fullPath === '/' || target.name === 'sign-in' ? undefined : target.fullPath
  return { name: 'sign-in', query: next ? { next } : {} }
}

router.beforeEach(async (to) => {
  if (to.meta.public) return true
  try {
    return (await useSession().restore()) ? true : signInFor(to)
  } catch {
    // The server does not answer: the page itself says so, better than a sign-in form that can't work either.
    return true
  }
})
