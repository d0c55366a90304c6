import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { BrowserRouter, matchPath, Route, Routes, useLocation } from 'react-router';
import { ApiError } from './api/api-error.ts';
import { createApiClient } from './api/client.ts';
import { AppContext, useApp, useMe, type AppServices } from './api/context.ts';
import { createAccessTokenSource } from './auth/access-token.ts';
import { AuthGate } from './auth/AuthGate.tsx';
import { createId } from './graph/create-id.ts';
import { ErrorBoundary } from './shell/ErrorBoundary.tsx';
import { hasDrafts } from './store/drafts.ts';
import { storageOf } from './store/page-identity.ts';
import { Button } from './ui/Button.tsx';
import { fetchWhenCalm, lazyPart, type LazyPart } from './ui/lazy-part.ts';
import { createNotifier, type Notifier } from './ui/notify.ts';
import { addressOf, basePath, pageOf } from './ui/app-address.ts';

const pages = {
  workflows: lazyPart(() => import('./workflows/WorkflowsPage.tsx'), 'WorkflowsPage'),
  workflow: lazyPart(() => import('./canvas/editor/WorkflowPage.tsx'), 'WorkflowPage'),
  versions: lazyPart(() => import('./publishing/CompareVersionsPage.tsx'), 'CompareVersionsPage'),
  triggers: lazyPart(() => import('./triggers/TriggersPage.tsx'), 'TriggersPage'),
  batches: lazyPart(() => import('./batches/BatchesPage.tsx'), 'BatchesPage'),
  app: lazyPart(() => import('./app-page/AppPage.tsx'), 'AppPage'),
  links: lazyPart(() => import('./links/LinksPage.tsx'), 'LinksPage'),
  shared: lazyPart(() => import('./shared-app/SharedAppPage.tsx'), 'SharedAppPage'),
  answer: lazyPart(() => import('./answer/AnswerPage.tsx'), 'AnswerPage'),
  run: lazyPart(() => import('./runs/RunPage.tsx'), 'RunPage'),
  compare: lazyPart(() => import('./runs/ComparePage.tsx'), 'ComparePage'),
  start: lazyPart(() => import('./auth/StartPage.tsx'), 'StartPage'),
  templates: lazyPart(() => import('./templates/TemplatesPage.tsx'), 'TemplatesPage'),
  settings: lazyPart(() => import('./settings/SettingsPage.tsx'), 'SettingsPage'),
  signIn: lazyPart(() => import('./auth/SignInPage.tsx'), 'SignInPage'),
  invitation: lazyPart(() => import('./auth/InvitationPage.tsx'), 'InvitationPage'),
  join: lazyPart(() => import('./workspaces/JoinPage.tsx'), 'JoinPage'),
  members: lazyPart(() => import('./members/MembersPage.tsx'), 'MembersPage'),
  audit: lazyPart(() => import('./audit/AuditPage.tsx'), 'AuditPage'),
  workspaces: lazyPart(() => import('./workspaces/WorkspacesPage.tsx'), 'WorkspacesPage'),
  workspace: lazyPart(() => import('./workspaces/WorkspacePage.tsx'), 'WorkspacePage'),
  waits: lazyPart(() => import('./waits/WaitsPage.tsx'), 'WaitsPage'),
  admin: lazyPart(() => import('./admin/AdminPage.tsx'), 'AdminPage'),
  notFound: lazyPart(() => import('./shell/NotFoundPage.tsx'), 'NotFoundPage'),
};

const accountPaths = {
  '/': pages.workflows,
  '/workflows/:workflowId': pages.workflow,
  '/workflows/:workflowId/compare': pages.versions,
  '/workflows/:workflowId/triggers': pages.triggers,
  '/workflows/:workflowId/batches': pages.batches,
  '/app/:slug': pages.app,
  '/workflows/:workflowId/links': pages.links,
  '/runs/:runId': pages.run,
  '/runs/:runId/compare/:otherId': pages.compare,
  '/start': pages.start,
  '/templates': pages.templates,
  '/settings': pages.settings,
  '/members': pages.members,
  '/audit': pages.audit,
  '/admin': pages.admin,
  '/waiting': pages.waits,
  '/workspaces': pages.workspaces,
  '/workspaces/:workspaceId': pages.workspace,
};
const openPaths = {
  '/sign-in': pages.signIn,
  '/invitation': pages.invitation,
  '/join': pages.join,
  '/share/:token': pages.shared,
  '/answer/:token': pages.answer,
};

/** The page of the address comes at the same time as the answers about the account. */
for (const [path, page] of Object.entries({ ...accountPaths, ...openPaths })) {
  if (matchPath(path, pageOf(location.pathname)) !== null) page.fetchEarly();
}

function routesOf(paths: Readonly<Record<string, LazyPart<object>>>) {
  return Object.entries(paths).map(([path, { Component }]) => <Route key={path} path={path} element={<Component />} />);
}

/** The whole web app: its services, its pages. */
export function App() {
  const [{ services, notifier }] = useState(createServices);
  return (
    <ErrorBoundary>
      <AppContext value={services}>
        <QueryClientProvider client={services.queries}>
          <Toasts notifier={notifier} />
          <BrowserRouter basename={basePath}>
            <Suspense fallback={<div className="h-full bg-page" aria-busy="true" />}>
              <AuthGate>
                <Routes>
                  {routesOf(openPaths)}
                  <Route path="*" element={<SignedIn />} />
                </Routes>
              </AuthGate>
            </Suspense>
          </BrowserRouter>
        </QueryClientProvider>
      </AppContext>
    </ErrorBoundary>
  );
}

const toastArea = lazyPart(() => import('./ui/Toast.tsx'), 'ToastArea');

/** The place of the toasts: there from the first one on, and fetched before a connection could be lost. */
function Toasts({ notifier }: { notifier: Notifier }) {
  const [isWanted, setIsWanted] = useState(false);
  useEffect(() => notifier.onWaiting(() => setIsWanted(true)), [notifier]);
  useEffect(() => fetchWhenCalm([toastArea]), []);
  return isWanted ? (
    <Suspense fallback={null}>
      <toastArea.Component notifier={notifier} />
    </Suspense>
  ) : null;
}

function createServices(): { services: AppServices; notifier: Notifier } {
  const notifier = createNotifier();
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // An answer of the server does not change by asking again; a lost connection comes back.
        retry: (count, error) => count < 3 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
        refetchOnWindowFocus: false,
      },
    },
  });
  const accessToken = createAccessTokenSource();
  const api = createApiClient({
    fetch: window.fetch.bind(window),
    createId,
    accessToken: () => accessToken.get(),
    onSignedOut: () => {
      const page = pageOf(location.pathname);
      if (page === '/sign-in') return;
      const wish = page + location.search;
      // The list of workflows is where everybody goes who has no wish.
      location.assign(addressOf(wish === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(wish)}`));
    },
  });
  const services = { api, queries, notify: notifier.notify, createId, accessToken, beforeSignOut: new Set<never>() };
  return { services, notifier };
}

/** Every page that needs an account; the first request without one leads to the sign-in page. */
function SignedIn() {
  const services = useApp();
  const me = useMe();
  const { pathname } = useLocation();
  const isSignedIn = me.data !== undefined;
  // The way back to the list is open without a connection too.
  useEffect(() => fetchWhenCalm([pages.workflows]), []);
  useEffect(() => {
    if (!isSignedIn || !hasDrafts(storageOf('localStorage'))) return;
    const open = matchPath('/workflows/:workflowId', pageOf(location.pathname))?.params.workflowId;
    // What an earlier visit could not send; the page of a workflow takes its own.
    import('./canvas/session/edit-sessions.ts').then(
      ({ sessionsOf }) => sessionsOf(services).sendDrafts(open === undefined ? null : Number(open)),
      () => undefined,
    );
  }, [isSignedIn, services]);
  if (me.data === undefined) {
    return me.error instanceof ApiError && me.error.status !== 401 ? (
      <div role="alert" className="flex h-full flex-col items-center justify-center gap-3 p-6 text-center">
        <p className="text-muted">{me.error.message}</p>
        <Button onClick={() => void me.refetch()}>Try again</Button>
      </div>
    ) : (
      <div className="h-full" aria-busy="true" />
    );
  }
  return (
    <ErrorBoundary key={pathname}>
      <Routes>
        {routesOf(accountPaths)}
        <Route path="*" element={<pages.notFound.Component />} />
      </Routes>
    </ErrorBoundary>
  );
}
