import type { RouteRecordRaw } from 'vue-router'
import { page } from './pages'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key under `titles`. */
    title: string
    needsAccount?: boolean
    /** For guests: who is signed in has no business there. */
    guestsOnly?: boolean
    /** Without the frame's menus: the forms of the door. */
    isBare?: boolean
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: page(() => import('@/views/HomeView.vue')), meta: { title: 'home' } },
  {
    path: '/login',
    name: 'login',
    component: page(() => import('@/views/LoginView.vue')),
    meta: { title: 'login', guestsOnly: true, isBare: true },
  },
  {
    path: '/register',
    name: 'register',
    component: page(() => import('@/views/RegisterView.vue')),
    meta: { title: 'register', guestsOnly: true, isBare: true },
  },
  {
    path: '/forgot-password',
    name: 'forgot',
    component: page(() => import('@/views/ForgotPasswordView.vue')),
    meta: { title: 'forgot', isBare: true },
  },
  {
    path: '/reset-password',
    name: 'reset',
    component: page(() => import('@/views/ResetPasswordView.vue')),
    meta: { title: 'reset', isBare: true },
  },
  {
    path: '/verify-email',
    name: 'verify',
    component: page(() => import('@/views/VerifyEmailView.vue')),
    meta: { title: 'verify', isBare: true },
  },
  {
    path: '/dashboard',
    name: 'dashboard',
    component: page(() => import('@/views/DashboardView.vue')),
    meta: { title: 'dashboard', needsAccount: true },
  },
  {
    path: '/profile',
    name: 'profile',
    component: page(() => import('@/views/ProfileView.vue')),
    meta: { title: 'profile', needsAccount: true },
  },
  {
    path: '/following',
    name: 'following',
    component: page(() => import('@/views/FollowingView.vue')),
    meta: { title: 'following', needsAccount: true },
  },
  {
    path: '/videos',
    name: 'videos',
    component: page(() => import('@/views/VideosView.vue')),
    meta: { title: 'videos' },
    // Links from before channels had pages of their own.
    beforeEnter: ({ query: { owner } }) =>
      typeof owner === 'string' && owner ? { name: 'channel', params: { username: owner } } : true,
  },
  {
    path: '/videos/upload',
    name: 'upload',
    component: page(() => import('@/views/UploadView.vue')),
    meta: { title: 'upload', needsAccount: true },
  },
  {
    path: '/videos/:id',
    name: 'watch',
    component: page(() => import('@/views/WatchView.vue')),
    props: true,
    meta: { title: 'watch' },
  },
  { path: '/lives', name: 'lives', component: page(() => import('@/views/LivesView.vue')), meta: { title: 'lives' } },
  {
    path: '/lives/create',
    name: 'live-create',
    component: page(() => import('@/views/LiveCreateView.vue')),
    meta: { title: 'liveCreate', needsAccount: true },
  },
  {
    path: '/lives/:id/stream',
    name: 'live-console',
    component: page(() => import('@/views/LiveConsoleView.vue')),
    props: true,
    meta: { title: 'liveConsole', needsAccount: true },
  },
  {
    path: '/lives/:id',
    name: 'live',
    component: page(() => import('@/views/LiveView.vue')),
    props: true,
    meta: { title: 'live' },
  },
  {
    path: '/@:username',
    name: 'channel',
    component: page(() => import('@/views/ChannelView.vue')),
    props: true,
    meta: { title: 'channel' },
  },
  {
    path: '/:rest(.*)*',
    name: 'not-found',
    component: page(() => import('@/views/NotFoundView.vue')),
    meta: { title: 'notFound' },
  },
]
