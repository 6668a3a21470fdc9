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
    {
      path: '/forgot-password',
      name: 'forgot-password',
      component: () => import('@/features/auth/ForgotPasswordView.vue'),
      meta: { public: true },
    },
    {
      path: '/reset-password',
      name: 'reset-password',
      component: () => import('@/features/auth/ResetPasswordView.vue'),
      meta: { public: true },
    },
    {
      path: '/accept-invitation',
      name: 'accept-invitation',
      component: () => import('@/features/auth/AcceptInvitationView.vue'),
      meta: { public: true },
    },
    { path: '/account', name: 'account', component: () => import('@/features/account/AccountView.vue') },
    {
      path: '/administration',
      name: 'administration',
      redirect: { name: 'administration-users' },
      component: () => import('@/features/administration/AdministrationView.vue'),
      children: [
        {
          path: 'users',
          name: 'administration-users',
          component: () => import('@/features/administration/UsersView.vue'),
        },
        {
          path: 'invitations',
          name: 'administration-invitations',
          component: () => import('@/features/administration/InvitationsView.vue'),
        },
        {
          path: 'api-keys',
          name: 'administration-api-keys',
          component: () => import('@/features/administration/ApiKeysView.vue'),
        },
        {
          path: 'audit',
          name: 'administration-audit',
          component: () => import('@/features/administration/AuditView.vue'),
        },
      ],
    },
    { path: '/products', name: 'products', component: () => import('@/features/products/ProductsView.vue') },
    {
      path: '/products/:id',
      name: 'product',
      props: true,
      component: () => import('@/features/product/ProductView.vue'),
    },
    { path: '/review', name: 'review', component: () => import('@/features/review/ReviewView.vue') },
    { path: '/imports', name: 'imports', component: () => import('@/features/imports/ImportsView.vue') },
    {
      path: '/imports/photos/:id',
      name: 'photo-archive',
      props: true,
      component: () => import('@/features/imports/PhotoArchiveView.vue'),
    },
    { path: '/imports/:id', name: 'import', props: true, component: () => import('@/features/imports/ImportView.vue') },
    { path: '/exports', name: 'exports', component: () => import('@/features/exports/ExportsView.vue') },
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
