import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState, type ComponentType } from 'react';
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

function page<Name extends string>(
  load: () => Promise<Record<Name, ComponentType<object>>>,
  name: Name,
): LazyPart<object> {
  return lazyPart(load, name, () => <div className="h-full bg-page" aria-busy="true" />);
}

const pages = {
  workflows: page(() => import('./workflows/WorkflowsPage.tsx'), 'WorkflowsPage'),
  workflow: page(() => import('./canvas/editor/WorkflowPage.tsx'), 'WorkflowPage'),
  versions: page(() => import('./publishing/CompareVersionsPage.tsx'), 'CompareVersionsPage'),
  triggers: page(() => import('./triggers/TriggersPage.tsx'), 'TriggersPage'),
  batches: page(() => import('./batches/BatchesPage.tsx'), 'BatchesPage'),
  app: page(() => import('./app-page/AppPage.tsx'), 'AppPage'),
  links: page(() => import('./links/LinksPage.tsx'), 'LinksPage'),
  shared: page(() => import('./shared-app/SharedAppPage.tsx'), 'SharedAppPage'),
  answer: page(() => import('./answer/AnswerPage.tsx'), 'AnswerPage'),
  run: page(() => import('./runs/RunPage.tsx'), 'RunPage'),
  compare: page(() => import('./runs/ComparePage.tsx'), 'ComparePage'),
  start: page(() => import('./auth/StartPage.tsx'), 'StartPage'),
  templates: page(() => import('./templates/TemplatesPage.tsx'), 'TemplatesPage'),
  settings: page(() => import('./settings/SettingsPage.tsx'), 'SettingsPage'),
  signIn: page(() => import('./auth/SignInPage.tsx'), 'SignInPage'),
  invitation: page(() => import('./auth/InvitationPage.tsx'), 'InvitationPage'),
  join: page(() => import('./workspaces/JoinPage.tsx'), 'JoinPage'),
  members: page(() => import('./members/MembersPage.tsx'), 'MembersPage'),
  audit: page(() => import('./audit/AuditPage.tsx'), 'AuditPage'),
  workspaces: page(() => import('./workspaces/WorkspacesPage.tsx'), 'WorkspacesPage'),
  workspace: page(() => import('./workspaces/WorkspacePage.tsx'), 'WorkspacePage'),
  waits: page(() => import('./waits/WaitsPage.tsx'), 'WaitsPage'),
  admin: page(() => import('./admin/AdminPage.tsx'), 'AdminPage'),
  notFound: page(() => import('./shell/NotFoundPage.tsx'), 'NotFoundPage'),
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
for (const [path, { fetchEarly }] of Object.entries({ ...accountPaths, ...openPaths })) {
  if (matchPath(path, pageOf(location.pathname)) !== null) fetchEarly();
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
            <AuthGate>
              <Routes>
                {routesOf(openPaths)}
                <Route path="*" element={<SignedIn />} />
              </Routes>
            </AuthGate>
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
  return isWanted ? <toastArea.Component notifier={notifier} /> : null;
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
